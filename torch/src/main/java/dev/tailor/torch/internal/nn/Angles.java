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

import java.util.Arrays;

/// Cosine and sine of every position of a batch, `half` of each per position: the first `2 · half`
/// values of a head rotate.
sealed interface Angles {
    /// One row per position; `frequencies[row]` may be one shared array.
    static Angles of(int[] positions, float[][] frequencies, float factor, int headDim) {
        return Native.byOperators()
                ? OfTensors.of(positions, frequencies, factor, headDim)
                : OfArrays.of(positions, frequencies, factor, headDim);
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
            return new OfArrays(cos, sin, half, headDim);
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
            int half = frequencies[0].length;
            Tensor angles = angles(positions, frequencies, half);
            Scalar scale = new Scalar((double) factor);
            return new OfTensors(
                    torch.cos(angles).mul_(scale), torch.sin(angles).mul_(scale), headDim);
        }

        private static Tensor angles(int[] positions, float[][] frequencies, int half) {
            if (Arrays.stream(frequencies).allMatch(row -> row == frequencies[0])) {
                float[] column = new float[positions.length];
                for (int row = 0; row < column.length; row++) {
                    column[row] = positions[row];
                }
                return torch.mul(
                        Tensors.floats(column, column.length, 1),
                        Tensors.floats(frequencies[0], 1, half));
            }
            float[] all = new float[positions.length * half];
            for (int row = 0; row < positions.length; row++) {
                for (int i = 0; i < half; i++) {
                    all[row * half + i] = positions[row] * frequencies[row][i];
                }
            }
            return Tensors.floats(all, positions.length, half);
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
