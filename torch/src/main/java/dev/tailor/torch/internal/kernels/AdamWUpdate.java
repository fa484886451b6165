package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Exponential.SPECIES;

import dev.tailor.torch.AdamWSettings;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// One step of AdamW (Loshchilov and Hutter 2019, algorithm 2) on a run of parameters.
///
/// @param stepSize learning rate over the first bias correction
/// @param shrink `1 - learningRate · weightDecay`
/// @param correction square root of the second bias correction
/// @param scale what gradients are multiplied by
public record AdamWUpdate(
        float beta1,
        float beta2,
        float epsilon,
        float stepSize,
        float shrink,
        float correction,
        float scale) {
    /// The rule of step number `step` (from 1).
    public static AdamWUpdate of(
            AdamWSettings settings,
            long step,
            double learningRate,
            double weightDecay,
            double gradientScale) {
        return new AdamWUpdate(
                (float) settings.beta1(),
                (float) settings.beta2(),
                (float) settings.epsilon(),
                (float) (learningRate / (1 - Math.pow(settings.beta1(), step))),
                (float) (1 - learningRate * weightDecay),
                (float) Math.sqrt(1 - Math.pow(settings.beta2(), step)),
                (float) gradientScale);
    }

    /// Updates the first `n` values and both moments in place.
    public void apply(float[] value, float[] gradient, float[] first, float[] second, int n) {
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += SPECIES.length()) {
            FloatVector g = FloatVector.fromArray(SPECIES, gradient, i).mul(scale);
            FloatVector m = FloatVector.fromArray(SPECIES, first, i);
            m = g.sub(m).fma(FloatVector.broadcast(SPECIES, 1 - beta1), m);
            FloatVector v = FloatVector.fromArray(SPECIES, second, i).mul(beta2);
            v = g.mul(g).fma(FloatVector.broadcast(SPECIES, 1 - beta2), v);
            m.intoArray(first, i);
            v.intoArray(second, i);
            FloatVector root = v.lanewise(VectorOperators.SQRT).div(correction).add(epsilon);
            FloatVector.fromArray(SPECIES, value, i)
                    .mul(shrink)
                    .sub(m.div(root).mul(stepSize))
                    .intoArray(value, i);
        }
        for (int i = bound; i < n; i++) {
            float g = gradient[i] * scale;
            first[i] = Math.fma(g - first[i], 1 - beta1, first[i]);
            second[i] = Math.fma(g * g, 1 - beta2, second[i] * beta2);
            float root = (float) Math.sqrt(second[i]) / correction + epsilon;
            value[i] = value[i] * shrink - first[i] / root * stepSize;
        }
    }

    /// `Σ x²`, a partial sum per lane, added up in double.
    public static double squaredSum(float[] x, int n) {
        int bound = SPECIES.loopBound(n);
        FloatVector sums = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += SPECIES.length()) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, i);
            sums = v.fma(v, sums);
        }
        double sum = 0;
        for (int lane = 0; lane < SPECIES.length(); lane++) {
            sum += sums.lane(lane);
        }
        for (int i = bound; i < n; i++) {
            sum += (double) x[i] * x[i];
        }
        return sum;
    }
}
