package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Root mean square norm (Zhang and Sennrich 2019): `y = w · x / √(mean(x²) + ε)` over the last
/// dimension, computed in float32.
record RmsNorm(Parameter weight, double epsilon) {
    /// Applies the norm to `[positions, hidden]`.
    Value forward(Tape tape, Value x) {
        Tensor scale = tape.keep(scale(x.data()));
        boolean wanted = x.wanted() || weight.trainable();
        if (wanted) {
            tape.keep(x);
        }
        return tape.result(
                apply(x.data(), scale),
                wanted,
                () -> apply(x.data(), scale),
                dy -> backward(x, scale, dy));
    }

    /// The norm of plain rows, nothing recorded.
    Tensor apply(Tensor x) {
        return apply(x, scale(x));
    }

    /// `1 / √(mean(x²) + ε)` of every row, `[positions, 1]`.
    Tensor scale(Tensor x) {
        Tensor f = Tensors.cast(x, ScalarType.Float);
        Tensor mean = torch.mean(torch.mul(f, f), new long[] {-1}, true, new ScalarTypeOptional());
        return torch.rsqrt(mean.add_(new Scalar(epsilon)));
    }

    Tensor apply(Tensor x, Tensor scale) {
        Tensor normed = torch.mul(Tensors.cast(x, ScalarType.Float), scale);
        return Tensors.cast(normed.mul_(weight.data()), x.scalar_type());
    }

    /// With x̂ = x · scale and g = dy · w: dx = scale · (g - x̂ · mean(g · x̂)), dw = Σ dy · x̂.
    private void backward(Value x, Tensor scale, Tensor dy) {
        Tensor dx = backward(x.data(), scale, dy, x.wanted());
        if (x.wanted()) {
            x.accumulate(dx);
        }
    }

    /// Carries rows back: collects the weight's gradient and returns dx (or dy itself where dx is
    /// not wanted).
    Tensor backward(Tensor x, Tensor scale, Tensor dy, boolean wanted) {
        Tensor normed = torch.mul(Tensors.cast(x, ScalarType.Float), scale);
        Tensor g = Tensors.cast(dy, ScalarType.Float);
        if (weight.trainable()) {
            weight.accumulate(torch.sum(torch.mul(g, normed), 0));
        }
        if (!wanted) {
            return dy;
        }
        g = torch.mul(g, weight.data());
        Tensor mean =
                torch.mean(torch.mul(g, normed), new long[] {-1}, true, new ScalarTypeOptional());
        Tensor dx = g.sub_(normed.mul_(mean)).mul_(scale);
        return Tensors.cast(dx, x.scalar_type());
    }
}
