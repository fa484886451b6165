package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Lanes.COUNT;
import static dev.tailor.torch.internal.kernels.Lanes.FLOATS;

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
        int bound = FLOATS.loopBound(visible);
        float max = max(scores, start, bound, visible) * scale;
        FloatVector sums = FloatVector.zero(FLOATS);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector x = Lanes.load(scores, start + i).mul(scale).sub(max);
            sums = sums.add(Exponential.exp(x));
        }
        float sum = Lanes.sum(sums);
        for (int i = bound; i < visible; i++) {
            sum += Exponential.exp(Lanes.get(scores, start + i) * scale - max);
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
        int bound = FLOATS.loopBound(visible);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector x = Lanes.load(scores, start + i).mul(scale).sub(logSumExp);
            Lanes.store(Exponential.exp(x), scores, start + i);
        }
        for (int i = bound; i < visible; i++) {
            float x = Lanes.get(scores, start + i) * scale - logSumExp;
            Lanes.set(Exponential.exp(x), scores, start + i);
        }
        scores.asSlice((start + visible) * 2, (width - visible) * 2L).fill((byte) 0);
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
        int bound = FLOATS.loopBound(visible);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector p = Lanes.load(probabilities, start + i).mul(scale);
            FloatVector dp = Lanes.load(derivatives, start + i).sub(shift);
            Lanes.store(p.mul(dp), derivatives, start + i);
        }
        for (int i = bound; i < visible; i++) {
            float p = Lanes.get(probabilities, start + i) * scale;
            float dp = Lanes.get(derivatives, start + i) - shift;
            Lanes.set(p * dp, derivatives, start + i);
        }
        derivatives.asSlice((start + visible) * 2, (width - visible) * 2L).fill((byte) 0);
    }

    /// `Σ a b` over `n` elements.
    public static float dot(MemorySegment a, MemorySegment b, long start, int n) {
        int bound = FLOATS.loopBound(n);
        FloatVector sums = FloatVector.zero(FLOATS);
        for (int i = 0; i < bound; i += COUNT) {
            sums = Lanes.load(a, start + i).fma(Lanes.load(b, start + i), sums);
        }
        float sum = Lanes.sum(sums);
        for (int i = bound; i < n; i++) {
            sum += Lanes.get(a, start + i) * Lanes.get(b, start + i);
        }
        return sum;
    }

    private static float max(MemorySegment scores, long start, int bound, int visible) {
        FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < bound; i += COUNT) {
            largest = largest.max(Lanes.load(scores, start + i));
        }
        float max = largest.reduceLanes(VectorOperators.MAX);
        for (int i = bound; i < visible; i++) {
            max = Math.max(max, Lanes.get(scores, start + i));
        }
        return max;
    }
}
