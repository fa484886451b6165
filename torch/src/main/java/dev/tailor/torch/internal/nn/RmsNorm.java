package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.Norm;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Root mean square norm (Zhang and Sennrich 2019): `y = w · x / √(mean(x²) + ε)` over the last
/// dimension, computed in float32.
record RmsNorm(Parameter weight, double epsilon) {
    /// Rows whose contributions to the weight's gradient are added up before they join the total:
    /// the order of additions must not depend on the number of threads.
    private static final int BLOCK = 64;

    /// Applies the norm to `[positions, hidden]`.
    Value forward(Tape tape, Value x) {
        float[] scale = new float[Math.toIntExact(x.data().size(0))];
        boolean wanted = x.wanted() || weight.trainable();
        if (wanted) {
            tape.keep(x);
        }
        return tape.result(
                apply(x.data(), scale),
                wanted,
                () -> apply(x.data(), scale),
                dy -> x.accumulate(backward(x.data(), scale, dy)));
    }

    /// The norm of plain rows; `scale` receives `1 / √(mean(x²) + ε)` of each.
    Tensor apply(Tensor x, float[] scale) {
        Tensor y = Tensors.roomy(x);
        Rows from = Rows.of(x);
        Rows to = Rows.of(y);
        float[] w = Tensors.floats(weight.data());
        Parallel.rows(
                scale.length,
                (first, last) -> {
                    float[] row = new float[w.length];
                    for (int r = first; r < last; r++) {
                        from.load(r, row);
                        scale[r] = Norm.scale(row, epsilon);
                        Norm.forward(row, scale[r], w);
                        to.store(r, row);
                    }
                });
        return y;
    }

    /// The norm of plain rows.
    Tensor apply(Tensor x) {
        return apply(x, new float[Math.toIntExact(x.size(0))]);
    }

    /// Carries rows back: collects the weight's gradient and returns the derivative by x.
    Tensor backward(Tensor x, float[] scale, Tensor dy) {
        Tensor dx = torch.empty_like(x);
        Rows xs = Rows.of(x);
        Rows dys = Rows.of(dy);
        Rows dxs = Rows.of(dx);
        float[] w = Tensors.floats(weight.data());
        int blocks = (scale.length + BLOCK - 1) / BLOCK;
        float[][] sums = new float[weight.trainable() ? blocks : 0][w.length];
        Parallel.rows(
                blocks,
                (first, last) -> {
                    float[] row = new float[w.length];
                    float[] derivative = new float[w.length];
                    for (int r = first * BLOCK; r < Math.min(last * BLOCK, scale.length); r++) {
                        xs.load(r, row);
                        dys.load(r, derivative);
                        if (sums.length > 0) {
                            Norm.weightGradient(row, scale[r], derivative, sums[r / BLOCK]);
                        }
                        Norm.backward(row, scale[r], derivative, w);
                        dxs.store(r, derivative);
                    }
                });
        if (weight.trainable()) {
            float[] total = new float[w.length];
            for (float[] sum : sums) {
                Norm.add(sum, total);
            }
            weight.accumulate(Tensors.floats(total, total.length));
        }
        return dx;
    }
}
