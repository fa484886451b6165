package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Kept;
import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.Rotation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Cosine and sine of every position of a batch, `half` of each per position: the first `2 · half`
/// values of a head rotate.
sealed interface Angles {
    /// One row per position; `frequencies[row]` may be one shared array.
    static Angles of(int[] positions, float[][] frequencies, float factor, int headDim) {
        return Native.byOperators()
                ? OfTensors.of(positions, frequencies, factor, headDim)
                : OfArrays.of(positions, frequencies, factor, headDim);
    }

    /// The angle of each pair of values, position by position.
    private static float[] angles(int[] positions, float[][] frequencies) {
        int half = frequencies[0].length;
        float[] angles = new float[positions.length * half];
        for (int row = 0; row < positions.length; row++) {
            for (int i = 0; i < half; i++) {
                angles[row * half + i] = positions[row] * frequencies[row][i];
            }
        }
        return angles;
    }

    /// Rotates by the angles, or back with direction -1 (the transpose of a rotation).
    void rotate(Tensor x, int direction);

    /// Keeps what they are made of beyond the scope they were made in.
    void keep(Kept memory);

    /// Rotates `[positions, heads · headDim]` in place: the value before must not be needed by
    /// anybody else.
    default Value rotate(Tape tape, Value x) {
        rotate(x.data(), 1);
        return tape.result(
                x.data(),
                x.wanted(),
                dy -> {
                    rotate(dy, -1);
                    x.accumulate(dy);
                });
    }

    /// For the kernels.
    record OfArrays(float[] cos, float[] sin, int half, int headDim) implements Angles {
        private static OfArrays of(
                int[] positions, float[][] frequencies, float factor, int headDim) {
            float[] angles = angles(positions, frequencies);
            float[] cos = new float[angles.length];
            float[] sin = new float[angles.length];
            for (int i = 0; i < angles.length; i++) {
                cos[i] = (float) Math.cos(angles[i]) * factor;
                sin[i] = (float) Math.sin(angles[i]) * factor;
            }
            return new OfArrays(cos, sin, frequencies[0].length, headDim);
        }

        @Override
        public void rotate(Tensor x, int direction) {
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

        @Override
        public void keep(Kept memory) {
            // Arrays stay.
        }
    }

    /// For a card: tensors of `[positions, half]`, float32.
    record OfTensors(Tensor cos, Tensor sin, int headDim) implements Angles {
        private static OfTensors of(
                int[] positions, float[][] frequencies, float factor, int headDim) {
            Tensor angles =
                    Tensors.floats(
                            angles(positions, frequencies),
                            positions.length,
                            frequencies[0].length);
            Scalar scale = new Scalar((double) factor);
            return new OfTensors(
                    torch.cos(angles).mul_(scale), torch.sin(angles).mul_(scale), headDim);
        }

        @Override
        public void rotate(Tensor x, int direction) {
            Operators.rotate(x, cos, sin, headDim, direction);
        }

        @Override
        public void keep(Kept memory) {
            memory.keep(cos);
            memory.keep(sin);
        }
    }
}
