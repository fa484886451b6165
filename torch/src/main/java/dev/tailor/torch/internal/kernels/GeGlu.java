package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Exponential.SPECIES;

import jdk.incubator.vector.FloatVector;

/// `gelu(gate) · up` of one row, with GELU as approximated by Hendrycks and Gimpel 2016: `x · (1 +
/// tanh u) / 2 = x σ(2u)` with `u = √(2/π) (x + 0.044715 x³)`.
public final class GeGlu {
    private static final int COUNT = SPECIES.length();

    /// `2 √(2/π)`.
    private static final float SLOPE = 1.5957691216f;

    private static final float CUBE = 0.044715f;

    private GeGlu() {}

    /// Replaces gate by `gelu(gate) · up`.
    public static void forward(float[] gate, float[] up) {
        int bound = SPECIES.loopBound(gate.length);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector g = FloatVector.fromArray(SPECIES, gate, i);
            g.mul(share(g)).mul(FloatVector.fromArray(SPECIES, up, i)).intoArray(gate, i);
        }
        for (int i = bound; i < gate.length; i++) {
            gate[i] = gate[i] * share(gate[i]) * up[i];
        }
    }

    /// Replaces gate and up by the derivatives by them.
    public static void backward(float[] gate, float[] up, float[] dy) {
        int bound = SPECIES.loopBound(gate.length);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector g = FloatVector.fromArray(SPECIES, gate, i);
            FloatVector u = FloatVector.fromArray(SPECIES, up, i);
            FloatVector d = FloatVector.fromArray(SPECIES, dy, i);
            FloatVector s = share(g);
            FloatVector gelu = g.mul(s);
            gelu.mul(d).intoArray(up, i);
            // gelu' = σ + gelu (1 - σ) 2u'
            FloatVector inner = g.mul(g).mul(3 * CUBE).add(1).mul(SLOPE);
            FloatVector slope = gelu.sub(gelu.mul(s)).mul(inner).add(s);
            d.mul(u).mul(slope).intoArray(gate, i);
        }
        for (int i = bound; i < gate.length; i++) {
            float g = gate[i];
            float s = share(g);
            float gelu = g * s;
            float u = up[i];
            up[i] = gelu * dy[i];
            float inner = (g * g * (3 * CUBE) + 1) * SLOPE;
            gate[i] = dy[i] * u * ((gelu - gelu * s) * inner + s);
        }
    }

    /// σ(2u).
    private static FloatVector share(FloatVector x) {
        FloatVector twice = x.mul(x).mul(CUBE).add(1).mul(x).mul(SLOPE);
        return FloatVector.broadcast(SPECIES, 1).div(Exponential.exp(twice.neg()).add(1));
    }

    private static float share(float x) {
        float twice = (x * x * CUBE + 1) * x * SLOPE;
        return 1 / (Exponential.exp(-twice) + 1);
    }
}
