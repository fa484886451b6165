package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Cosine and sine of every position of a batch, each `[positions, 1, headDim]` in float32.
record Angles(Tensor cos, Tensor sin) {
    /// One row per position; `frequencies[row]` may be one shared array.
    static Angles of(int[] positions, float[][] frequencies, float factor) {
        int half = frequencies[0].length;
        float[] cos = new float[positions.length * 2 * half];
        float[] sin = new float[cos.length];
        for (int row = 0; row < positions.length; row++) {
            for (int i = 0; i < half; i++) {
                float angle = positions[row] * frequencies[row][i];
                int first = row * 2 * half + i;
                cos[first] = (float) Math.cos(angle) * factor;
                sin[first] = (float) Math.sin(angle) * factor;
                cos[first + half] = cos[first];
                sin[first + half] = sin[first];
            }
        }
        long[] shape = {positions.length, 1, 2L * half};
        return new Angles(Tensors.floats(cos, shape), Tensors.floats(sin, shape));
    }

    /// Rotates `[positions, heads · headDim]`.
    Value rotate(Tape tape, Value x, long headDim) {
        return tape.result(
                rotate(x.data(), headDim, 1),
                x.wanted(),
                dy -> x.accumulate(rotate(dy, headDim, -1)));
    }

    /// Rotates by the angles, or back with direction -1 (the transpose of a rotation).
    Tensor rotate(Tensor x, long headDim, int direction) {
        long rows = x.size(0);
        Tensor heads = Tensors.cast(x.view(rows, -1, headDim), ScalarType.Float);
        Tensor first = heads.narrow(-1, 0, headDim / 2);
        Tensor second = heads.narrow(-1, headDim / 2, headDim / 2);
        Tensor turned = torch.cat(new TensorVector(torch.neg(second), first), -1);
        Tensor sum = torch.mul(heads, cos).add_(turned.mul_(sin), new Scalar(direction));
        return Tensors.cast(sum.view(rows, -1), x.scalar_type());
    }
}
