package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Exponential.SPECIES;

import jdk.incubator.vector.FloatVector;

/// `cap · tanh(scale · x / cap)` of one row (Bello et al. 2016), with `tanh x = 1 - 2 / (e^2x +
/// 1)`.
public final class SoftCap {
    private static final int COUNT = SPECIES.length();

    private SoftCap() {}

    /// Replaces x by its capped value.
    public static void forward(float[] x, float scale, float cap) {
        float inner = 2 * scale / cap;
        int bound = SPECIES.loopBound(x.length);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector e = Exponential.exp(FloatVector.fromArray(SPECIES, x, i).mul(inner));
            FloatVector rest = FloatVector.broadcast(SPECIES, 2).div(e.add(1));
            FloatVector.broadcast(SPECIES, 1).sub(rest).mul(cap).intoArray(x, i);
        }
        for (int i = bound; i < x.length; i++) {
            x[i] = (1 - 2 / (Exponential.exp(x[i] * inner) + 1)) * cap;
        }
    }

    /// Multiplies derivatives by capped values with the slope at them, `scale · (1 - (y / cap)²)`,
    /// which makes them derivatives by x.
    ///
    /// @param y what [#forward] gave
    public static void backward(float[] y, float[] dy, float scale, float cap) {
        int bound = SPECIES.loopBound(y.length);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector t = FloatVector.fromArray(SPECIES, y, i).div(cap);
            FloatVector slope = FloatVector.broadcast(SPECIES, 1).sub(t.mul(t)).mul(scale);
            FloatVector.fromArray(SPECIES, dy, i).mul(slope).intoArray(dy, i);
        }
        for (int i = bound; i < y.length; i++) {
            float t = y[i] / cap;
            dy[i] *= (1 - t * t) * scale;
        }
    }
}
