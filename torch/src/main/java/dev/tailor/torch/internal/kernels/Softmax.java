package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Exponential.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Softmax over one row of logits and the derivative of one log-probability.
public final class Softmax {
    private Softmax() {}

    /// `ln Σ e^x`, safe against overflow.
    public static float logSumExp(float[] x, int n) {
        int bound = SPECIES.loopBound(n);
        float max = max(x, n);
        FloatVector sums = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += SPECIES.length()) {
            sums = sums.add(Exponential.exp(FloatVector.fromArray(SPECIES, x, i).sub(max)));
        }
        double sum = 0;
        for (int lane = 0; lane < SPECIES.length(); lane++) {
            sum += sums.lane(lane);
        }
        for (int i = bound; i < n; i++) {
            sum += Exponential.exp(x[i] - max);
        }
        return (float) (max + Math.log(sum));
    }

    /// Replaces values by `e^(x - shift)`.
    public static void exponentials(float[] x, int n, float shift) {
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += SPECIES.length()) {
            Exponential.exp(FloatVector.fromArray(SPECIES, x, i).sub(shift)).intoArray(x, i);
        }
        for (int i = bound; i < n; i++) {
            x[i] = Exponential.exp(x[i] - shift);
        }
    }

    /// The first index of the largest value.
    public static int likeliest(float[] x, int n) {
        float max = max(x, n);
        int index = 0;
        while (index < n - 1 && x[index] != max) {
            index++;
        }
        return index;
    }

    private static float max(float[] x, int n) {
        int bound = SPECIES.loopBound(n);
        FloatVector largest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < bound; i += SPECIES.length()) {
            largest = largest.max(FloatVector.fromArray(SPECIES, x, i));
        }
        float max = largest.reduceLanes(VectorOperators.MAX);
        for (int i = bound; i < n; i++) {
            max = Math.max(max, x[i]);
        }
        return max;
    }

    /// Replaces logits by the derivative of `coefficient · ln p(target)`: `coefficient · (1[j =
    /// target] - p(j))`.
    public static void logProbGradient(
            float[] x, int n, float logSumExp, float coefficient, int target) {
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += SPECIES.length()) {
            FloatVector p = Exponential.exp(FloatVector.fromArray(SPECIES, x, i).sub(logSumExp));
            p.mul(-coefficient).intoArray(x, i);
        }
        for (int i = bound; i < n; i++) {
            x[i] = Exponential.exp(x[i] - logSumExp) * -coefficient;
        }
        x[target] += coefficient;
    }
}
