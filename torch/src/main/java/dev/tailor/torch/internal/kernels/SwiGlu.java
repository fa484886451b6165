package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Exponential.SPECIES;

import jdk.incubator.vector.FloatVector;

/// `silu(gate) · up` of one row, with silu(x) = x σ(x).
public final class SwiGlu {
    private static final int COUNT = SPECIES.length();

    private SwiGlu() {}

    /// Replaces gate by `silu(gate) · up`.
    public static void forward(float[] gate, float[] up) {
        int bound = SPECIES.loopBound(gate.length);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector g = FloatVector.fromArray(SPECIES, gate, i);
            g.mul(sigmoid(g)).mul(FloatVector.fromArray(SPECIES, up, i)).intoArray(gate, i);
        }
        for (int i = bound; i < gate.length; i++) {
            gate[i] = gate[i] * sigmoid(gate[i]) * up[i];
        }
    }

    /// Replaces gate and up by the derivatives by them.
    public static void backward(float[] gate, float[] up, float[] dy) {
        int bound = SPECIES.loopBound(gate.length);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector g = FloatVector.fromArray(SPECIES, gate, i);
            FloatVector u = FloatVector.fromArray(SPECIES, up, i);
            FloatVector d = FloatVector.fromArray(SPECIES, dy, i);
            FloatVector s = sigmoid(g);
            FloatVector silu = g.mul(s);
            silu.mul(d).intoArray(up, i);
            // silu' = σ + silu (1 - σ)
            FloatVector slope = silu.sub(silu.mul(s)).add(s);
            d.mul(u).mul(slope).intoArray(gate, i);
        }
        for (int i = bound; i < gate.length; i++) {
            float s = sigmoid(gate[i]);
            float silu = gate[i] * s;
            float u = up[i];
            up[i] = silu * dy[i];
            gate[i] = dy[i] * u * (silu - silu * s + s);
        }
    }

    private static FloatVector sigmoid(FloatVector x) {
        return FloatVector.broadcast(SPECIES, 1).div(Exponential.exp(x.neg()).add(1));
    }

    private static float sigmoid(float x) {
        return 1 / (Exponential.exp(-x) + 1);
    }
}
