package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.kernels.Rotation;

import org.bytedeco.pytorch.Tensor;

/// Cosine and sine of every position of a batch, `half` of each per position: the first `2 · half`
/// values of a head rotate.
record Angles(float[] cos, float[] sin, int half, int headDim) {
    /// One row per position; `frequencies[row]` may be one shared array.
    static Angles of(int[] positions, float[][] frequencies, float factor, int headDim) {
        int half = frequencies[0].length;
        float[] cos = new float[positions.length * half];
        float[] sin = new float[cos.length];
        for (int row = 0; row < positions.length; row++) {
            for (int i = 0; i < half; i++) {
                float angle = positions[row] * frequencies[row][i];
                cos[row * half + i] = (float) Math.cos(angle) * factor;
                sin[row * half + i] = (float) Math.sin(angle) * factor;
            }
        }
        return new Angles(cos, sin, half, headDim);
    }

    /// Rotates `[positions, heads · headDim]` in place: the value before must not be needed by
    /// anybody else.
    Value rotate(Tape tape, Value x) {
        rotate(x.data(), 1);
        return tape.result(
                x.data(),
                x.wanted(),
                dy -> {
                    rotate(dy, -1);
                    x.accumulate(dy);
                });
    }

    /// Rotates by the angles, or back with direction -1 (the transpose of a rotation).
    private void rotate(Tensor x, int direction) {
        Rows rows = Rows.of(x);
        Parallel.rows(
                rows.count(),
                (first, last) -> {
                    float[] row = new float[rows.width()];
                    for (int r = first; r < last; r++) {
                        rows.load(r, row);
                        for (int head = 0; head < row.length; head += headDim) {
                            Rotation.rotate(row, head, half, cos, sin, r * half, direction);
                        }
                        rows.store(r, row);
                    }
                });
    }
}
