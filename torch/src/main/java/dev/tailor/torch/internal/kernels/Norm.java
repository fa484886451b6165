package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Exponential.SPECIES;

import jdk.incubator.vector.FloatVector;

/// Root mean square norm of one row.
public final class Norm {
    private static final int COUNT = SPECIES.length();

    private Norm() {}

    /// `1 / √(mean(x²) + ε)`.
    public static float scale(float[] x, double epsilon) {
        int bound = SPECIES.loopBound(x.length);
        FloatVector sums = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, i);
            sums = v.fma(v, sums);
        }
        float sum = Lanes.sum(sums);
        for (int i = bound; i < x.length; i++) {
            sum = Math.fma(x[i], x[i], sum);
        }
        return (float) (1 / Math.sqrt((double) sum / x.length + epsilon));
    }

    /// Replaces x by `x · scale · w`.
    public static void forward(float[] x, float scale, float[] w) {
        int bound = SPECIES.loopBound(x.length);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector.fromArray(SPECIES, x, i)
                    .mul(scale)
                    .mul(FloatVector.fromArray(SPECIES, w, i))
                    .intoArray(x, i);
        }
        for (int i = bound; i < x.length; i++) {
            x[i] = x[i] * scale * w[i];
        }
    }

    /// Adds `dy · x̂` to dw, with x̂ = x · scale.
    public static void weightGradient(float[] x, float scale, float[] dy, float[] dw) {
        int bound = SPECIES.loopBound(x.length);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector normed = FloatVector.fromArray(SPECIES, x, i).mul(scale);
            normed.fma(FloatVector.fromArray(SPECIES, dy, i), FloatVector.fromArray(SPECIES, dw, i))
                    .intoArray(dw, i);
        }
        for (int i = bound; i < x.length; i++) {
            dw[i] = Math.fma(x[i] * scale, dy[i], dw[i]);
        }
    }

    /// Replaces dy by dx: with g = dy · w, `scale · (g - x̂ · mean(g · x̂))`.
    public static void backward(float[] x, float scale, float[] dy, float[] w) {
        int bound = SPECIES.loopBound(x.length);
        FloatVector sums = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector g =
                    FloatVector.fromArray(SPECIES, dy, i).mul(FloatVector.fromArray(SPECIES, w, i));
            sums = g.fma(FloatVector.fromArray(SPECIES, x, i), sums);
        }
        float sum = Lanes.sum(sums);
        for (int i = bound; i < x.length; i++) {
            sum = Math.fma(dy[i] * w[i], x[i], sum);
        }
        float slope = -scale * scale * scale * sum / x.length;
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector g =
                    FloatVector.fromArray(SPECIES, dy, i)
                            .mul(FloatVector.fromArray(SPECIES, w, i))
                            .mul(scale);
            FloatVector.fromArray(SPECIES, x, i)
                    .fma(FloatVector.broadcast(SPECIES, slope), g)
                    .intoArray(dy, i);
        }
        for (int i = bound; i < x.length; i++) {
            dy[i] = Math.fma(x[i], slope, dy[i] * w[i] * scale);
        }
    }

    /// Adds one row to another.
    public static void add(float[] x, float[] sum) {
        int bound = SPECIES.loopBound(x.length);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector.fromArray(SPECIES, sum, i)
                    .add(FloatVector.fromArray(SPECIES, x, i))
                    .intoArray(sum, i);
        }
        for (int i = bound; i < x.length; i++) {
            sum[i] += x[i];
        }
    }
}
