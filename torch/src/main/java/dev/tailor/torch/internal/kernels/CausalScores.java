package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Exponential.SPECIES;

import dev.tailor.core.NativeMemory;

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
        long at = address(scores, row.start(), row.width());
        int visible = row.visible();
        int bound = SPECIES.loopBound(visible);
        float max = max(at, bound, visible) * scale;
        FloatVector sums = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector e = Exponential.exp(load(at + 4L * i).mul(scale).sub(max));
            store(e, at + 4L * i);
            sums = sums.add(e);
        }
        float sum = Lanes.sum(sums);
        for (int i = bound; i < visible; i++) {
            float e = Exponential.exp(get(at + 4L * i) * scale - max);
            set(e, at + 4L * i);
            sum += e;
        }
        clear(at, row);
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
        long at = address(scores, row.start(), row.width());
        long dpAt = address(derivatives, row.start(), row.width());
        int visible = row.visible();
        int bound = SPECIES.loopBound(visible);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector p = Exponential.exp(load(at + 4L * i).mul(scale).sub(logSumExp));
            store(p, at + 4L * i);
            FloatVector dp = load(dpAt + 4L * i).sub(shift);
            store(p.mul(scale).mul(dp), dpAt + 4L * i);
        }
        for (int i = bound; i < visible; i++) {
            float p = Exponential.exp(get(at + 4L * i) * scale - logSumExp);
            set(p, at + 4L * i);
            float dp = get(dpAt + 4L * i) - shift;
            set(p * scale * dp, dpAt + 4L * i);
        }
        clear(at, row);
        clear(dpAt, row);
    }

    /// Divides `n` elements.
    public static void divide(MemorySegment values, long start, int n, float divisor) {
        long at = address(values, start, n);
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += COUNT) {
            store(load(at + 4L * i).div(divisor), at + 4L * i);
        }
        for (int i = bound; i < n; i++) {
            set(get(at + 4L * i) / divisor, at + 4L * i);
        }
    }

    /// `Σ a b` over `n` elements.
    public static float dot(MemorySegment a, MemorySegment b, long start, int n) {
        long aAt = address(a, start, n);
        long bAt = address(b, start, n);
        int bound = SPECIES.loopBound(n);
        FloatVector sums = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += COUNT) {
            sums = load(aAt + 4L * i).fma(load(bAt + 4L * i), sums);
        }
        float sum = Lanes.sum(sums);
        for (int i = bound; i < n; i++) {
            sum += get(aAt + 4L * i) * get(bAt + 4L * i);
        }
        return sum;
    }

    private static float max(long at, int bound, int visible) {
        FloatVector largest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < bound; i += COUNT) {
            largest = largest.max(load(at + 4L * i));
        }
        float max = largest.reduceLanes(VectorOperators.MAX);
        for (int i = bound; i < visible; i++) {
            max = Math.max(max, get(at + 4L * i));
        }
        return max;
    }

    private static long address(MemorySegment memory, long start, int count) {
        return NativeMemory.address(memory, start * Float.BYTES, (long) count * Float.BYTES);
    }

    private static void clear(long at, Row row) {
        long hidden = row.width() - row.visible();
        NativeMemory.ALL
                .asSlice(at + (long) row.visible() * Float.BYTES, hidden * Float.BYTES)
                .fill((byte) 0);
    }

    private static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(SPECIES, NativeMemory.ALL, address, ORDER);
    }

    private static void store(FloatVector value, long address) {
        value.intoMemorySegment(NativeMemory.ALL, address, ORDER);
    }

    private static float get(long address) {
        return NativeMemory.ALL.get(FLOAT, address);
    }

    private static void set(float value, long address) {
        NativeMemory.ALL.set(FLOAT, address, value);
    }
}
