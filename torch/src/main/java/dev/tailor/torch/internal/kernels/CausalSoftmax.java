package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Lanes.COUNT;
import static dev.tailor.torch.internal.kernels.Lanes.FLOATS;

import dev.tailor.core.NativeMemory;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/// Rows of attention scores, in place in native bfloat16 memory. A row has `width` scores of which
/// the first `visible` may be looked at; the rest become zero.
public final class CausalSoftmax {

    private CausalSoftmax() {}

    /// Replaces scores by `softmax(scale · scores)` and returns `ln Σ e^(scale · score)`.
    ///
    /// @param start index of the row's first element
    public static float forward(
            MemorySegment scores, long start, int width, int visible, float scale) {
        long at = NativeMemory.address(scores, start * 2, visible * 2L);
        int bound = FLOATS.loopBound(visible);
        float max = max(at, bound, visible) * scale;
        FloatVector sums = FloatVector.zero(FLOATS);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector x = Lanes.load(at + 2L * i).mul(scale).sub(max);
            sums = sums.add(Exponential.exp(x));
        }
        float sum = Lanes.sum(sums);
        for (int i = bound; i < visible; i++) {
            sum += Exponential.exp(Lanes.get(at + 2L * i) * scale - max);
        }
        float logSumExp = (float) (max + Math.log(sum));
        probabilities(scores, start, width, visible, scale, logSumExp);
        return logSumExp;
    }

    /// Replaces scores by `e^(scale · score - logSumExp)`.
    public static void probabilities(
            MemorySegment scores,
            long start,
            int width,
            int visible,
            float scale,
            float logSumExp) {
        long at = NativeMemory.address(scores, start * 2, width * 2L);
        int bound = FLOATS.loopBound(visible);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector x = Lanes.load(at + 2L * i).mul(scale).sub(logSumExp);
            Lanes.store(Exponential.exp(x), at + 2L * i);
        }
        for (int i = bound; i < visible; i++) {
            float x = Lanes.get(at + 2L * i) * scale - logSumExp;
            Lanes.set(Exponential.exp(x), at + 2L * i);
        }
        clear(at, width, visible);
    }

    /// Replaces derivatives by probabilities with derivatives by (unscaled) scores: `scale · p ·
    /// (dp - Σ p dp)`, where the sum is given as `shift`.
    public static void backward(
            MemorySegment derivatives,
            MemorySegment probabilities,
            long start,
            int width,
            int visible,
            float scale,
            float shift) {
        long pAt = NativeMemory.address(probabilities, start * 2, visible * 2L);
        long dpAt = NativeMemory.address(derivatives, start * 2, width * 2L);
        int bound = FLOATS.loopBound(visible);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector p = Lanes.load(pAt + 2L * i).mul(scale);
            FloatVector dp = Lanes.load(dpAt + 2L * i).sub(shift);
            Lanes.store(p.mul(dp), dpAt + 2L * i);
        }
        for (int i = bound; i < visible; i++) {
            float p = Lanes.get(pAt + 2L * i) * scale;
            float dp = Lanes.get(dpAt + 2L * i) - shift;
            Lanes.set(p * dp, dpAt + 2L * i);
        }
        clear(dpAt, width, visible);
    }

    /// `Σ a b` over `n` elements.
    public static float dot(MemorySegment a, MemorySegment b, long start, int n) {
        long aAt = NativeMemory.address(a, start * 2, n * 2L);
        long bAt = NativeMemory.address(b, start * 2, n * 2L);
        int bound = FLOATS.loopBound(n);
        FloatVector sums = FloatVector.zero(FLOATS);
        for (int i = 0; i < bound; i += COUNT) {
            sums = Lanes.load(aAt + 2L * i).fma(Lanes.load(bAt + 2L * i), sums);
        }
        float sum = Lanes.sum(sums);
        for (int i = bound; i < n; i++) {
            sum += Lanes.get(aAt + 2L * i) * Lanes.get(bAt + 2L * i);
        }
        return sum;
    }

    private static float max(long at, int bound, int visible) {
        FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < bound; i += COUNT) {
            largest = largest.max(Lanes.load(at + 2L * i));
        }
        float max = largest.reduceLanes(VectorOperators.MAX);
        for (int i = bound; i < visible; i++) {
            max = Math.max(max, Lanes.get(at + 2L * i));
        }
        return max;
    }

    private static void clear(long at, int width, int visible) {
        NativeMemory.ALL.asSlice(at + visible * 2L, (width - visible) * 2L).fill((byte) 0);
    }
}
