package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.Norm;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Root mean square norm (Zhang and Sennrich 2019): `y = w · x / √(mean(x²) + ε)` over as many
/// values as there are weights, computed in float32.
///
/// @param offset the parameter is `w - 1`
record RmsNorm(Parameter weight, double epsilon, boolean offset) {
    /// Rows whose contributions to the weight's gradient are added up before they join the total:
    /// the order of additions must not depend on the number of threads.
    private static final int BLOCK = 64;

    /// Applies the norm to the last dimension of `[positions, hidden]`, or to each head of
    /// `[positions, heads · headDim]`.
    Value forward(Tape tape, Value x) {
        float[] scale = scales(x.data());
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
        if (Native.byOperators()) {
            return Scoped.tensor(() -> byOperators(x));
        }
        Tensor y = Tensors.roomy(x);
        float[] w = weights();
        Rows from = Rows.of(x, w.length);
        Rows to = Rows.of(y, w.length);
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
        return apply(x, scales(x));
    }

    /// Room for the scale of each row.
    private float[] scales(Tensor x) {
        return new float[Math.toIntExact(x.numel() / weight.data().numel())];
    }

    private boolean isFused(Tensor x) {
        return !offset && CardNorm.serves(x, weight.data());
    }

    private Tensor byOperators(Tensor x) {
        return isFused(x)
                ? CardNorm.forward(x, weight.data(), epsilon)
                : Operators.norm(x, operand(), epsilon);
    }

    private Operators.NormBack backByOperators(Tensor x, Tensor dy) {
        return isFused(x)
                ? CardNorm.backward(x, weight.data(), epsilon, dy, weight.trainable())
                : Operators.normBackward(x, operand(), epsilon, dy);
    }

    /// The weights as what rows are multiplied by, float32.
    private Tensor operand() {
        Tensor w = Tensors.cast(weight.data(), ScalarType.Float);
        return offset ? torch.add(w, new Scalar(1)) : w;
    }

    private float[] weights() {
        float[] w = Tensors.floats(weight.data());
        for (int i = 0; offset && i < w.length; i++) {
            w[i] += 1;
        }
        return w;
    }

    /// Carries rows back: collects the weight's gradient and returns the derivative by x.
    Tensor backward(Tensor x, float[] scale, Tensor dy) {
        if (Native.byOperators()) {
            Operators.NormBack back = backByOperators(x, dy);
            if (weight.trainable()) {
                weight.accumulate(back.dw());
            }
            return back.dx();
        }
        Tensor dx = torch.empty_like(x);
        float[] w = weights();
        Rows xs = Rows.of(x, w.length);
        Rows dys = Rows.of(dy, w.length);
        Rows dxs = Rows.of(dx, w.length);
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
