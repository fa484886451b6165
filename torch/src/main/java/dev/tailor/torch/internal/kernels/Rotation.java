package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Exponential.SPECIES;

import jdk.incubator.vector.FloatVector;

/// Rotation of the pairs (x[i], x[i + half]) of one head by one position's angles.
public final class Rotation {
    private static final int COUNT = SPECIES.length();

    private Rotation() {}

    /// Rotates `x[start, start + 2 · half)` in place; `cos` and `sin` hold `half` values from
    /// `angle` on. `direction` 1 rotates, -1 rotates back.
    public static void rotate(
            float[] x, int start, int half, float[] cos, float[] sin, int angle, int direction) {
        int bound = SPECIES.loopBound(half);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, start + i);
            FloatVector b = FloatVector.fromArray(SPECIES, x, start + half + i);
            FloatVector c = FloatVector.fromArray(SPECIES, cos, angle + i);
            FloatVector s = FloatVector.fromArray(SPECIES, sin, angle + i).mul(direction);
            a.mul(c).sub(b.mul(s)).intoArray(x, start + i);
            b.mul(c).add(a.mul(s)).intoArray(x, start + half + i);
        }
        for (int i = bound; i < half; i++) {
            float a = x[start + i];
            float b = x[start + half + i];
            float c = cos[angle + i];
            float s = sin[angle + i] * direction;
            x[start + i] = a * c - b * s;
            x[start + half + i] = b * c + a * s;
        }
    }
}
