package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Exponential.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Rows of attention scores, in place in native float32 memory ([CausalSoftmax] for bfloat16). A
/// row has `width` scores of which the first `visible` may be looked at; the rest become zero.
public final class CausalScores {
    private static final int COUNT = SPECIES.length();
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private CausalScores() {}

    /// @param start index of the row's first score
    public record Row(long start, int width, int visible) {}

    /// Replaces scores by `e^(scale · score - largest)`, which are the probabilities but for their
    /// sum, and returns the two parts of `ln Σ e^(scale · score)`.
    public static Sum forward(MemorySegment scores, Row row, float scale) {
        long start = row.start();
        int visible = row.visible();
        int bound = SPECIES.loopBound(visible);
        float max = max(scores, start, bound, visible) * scale;
        FloatVector sums = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector e = Exponential.exp(load(scores, start + i).mul(scale).sub(max));
            store(e, scores, start + i);
            sums = sums.add(e);
        }
        float sum = Lanes.sum(sums);
        for (int i = bound; i < visible; i++) {
            float e = Exponential.exp(get(scores, start + i) * scale - max);
            set(e, scores, start + i);
            sum += e;
        }
        clear(scores, row);
        return new Sum(max, sum);
    }

    /// `Σ e^x` as `sum · e^max`.
    public record Sum(float max, float sum) {
        /// Its logarithm.
        public float logarithm() {
            return (float) (max + Math.log(sum));
        }
    }

    /// Replaces scores by probabilities `p = e^(scale · score - logSumExp)` and derivatives by
    /// probabilities by derivatives by (unscaled) scores, `scale · p · (dp - Σ p dp)`, where the
    /// sum is given as `shift`.
    public static void backward(
            MemorySegment scores,
            MemorySegment derivatives,
            Row row,
            float scale,
            float logSumExp,
            float shift) {
        long start = row.start();
        int visible = row.visible();
        int bound = SPECIES.loopBound(visible);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector p = Exponential.exp(load(scores, start + i).mul(scale).sub(logSumExp));
            store(p, scores, start + i);
            FloatVector dp = load(derivatives, start + i).sub(shift);
            store(p.mul(scale).mul(dp), derivatives, start + i);
        }
        for (int i = bound; i < visible; i++) {
            float p = Exponential.exp(get(scores, start + i) * scale - logSumExp);
            set(p, scores, start + i);
            float dp = get(derivatives, start + i) - shift;
            set(p * scale * dp, derivatives, start + i);
        }
        clear(scores, row);
        clear(derivatives, row);
    }

    /// Divides `n` elements.
    public static void divide(MemorySegment values, long start, int n, float divisor) {
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += COUNT) {
            store(load(values, start + i).div(divisor), values, start + i);
        }
        for (int i = bound; i < n; i++) {
            set(get(values, start + i) / divisor, values, start + i);
        }
    }

    /// `Σ a b` over `n` elements.
    public static float dot(MemorySegment a, MemorySegment b, long start, int n) {
        int bound = SPECIES.loopBound(n);
        FloatVector sums = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += COUNT) {
            sums = load(a, start + i).fma(load(b, start + i), sums);
        }
        float sum = Lanes.sum(sums);
        for (int i = bound; i < n; i++) {
            sum += get(a, start + i) * get(b, start + i);
        }
        return sum;
    }

    private static float max(MemorySegment scores, long start, int bound, int visible) {
        FloatVector largest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < bound; i += COUNT) {
            largest = largest.max(load(scores, start + i));
        }
        float max = largest.reduceLanes(VectorOperators.MAX);
        for (int i = bound; i < visible; i++) {
            max = Math.max(max, get(scores, start + i));
        }
        return max;
    }

    private static void clear(MemorySegment memory, Row row) {
        long hidden = row.width() - row.visible();
        memory.asSlice((row.start() + row.visible()) * Float.BYTES, hidden * Float.BYTES)
                .fill((byte) 0);
    }

    private static FloatVector load(MemorySegment memory, long element) {
        return FloatVector.fromMemorySegment(SPECIES, memory, element * Float.BYTES, ORDER);
    }

    private static void store(FloatVector value, MemorySegment memory, long element) {
        value.intoMemorySegment(memory, element * Float.BYTES, ORDER);
    }

    private static float get(MemorySegment memory, long element) {
        return memory.get(FLOAT, element * Float.BYTES);
    }

    private static void set(float value, MemorySegment memory, long element) {
        memory.set(FLOAT, element * Float.BYTES, value);
    }
}
