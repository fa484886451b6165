package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The arithmetic of layers by libtorch's operators, for tensors on a card. Each gives what the
/// kernel for the same work gives, but for rounding.
final class Operators {
    private Operators() {}

    /// `x / √(mean(x²) + ε)` over rows of `width` values, and what rows were multiplied by, both
    /// float32.
    private record Normed(Tensor values, Tensor scale) {
        static Normed of(Tensor x, long width, double epsilon) {
            Tensor rows = rows(x, width);
            Tensor mean = mean(torch.mul(rows, rows));
            Tensor scale = torch.rsqrt(mean.add_(new Scalar(epsilon)));
            return new Normed(torch.mul(rows, scale), scale);
        }
    }

    private static Tensor rows(Tensor x, long width) {
        return Tensors.cast(x, ScalarType.Float).reshape(-1, width);
    }

    private static Tensor mean(Tensor rows) {
        return torch.mean(rows, new long[] {-1}, true, new ScalarTypeOptional());
    }

    /// Root mean square norm with the weights w, `[width]` in float32.
    static Tensor norm(Tensor x, Tensor w, double epsilon) {
        Tensor normed = Normed.of(x, w.numel(), epsilon).values();
        return Tensors.cast(normed.mul_(w), x.scalar_type()).view_as(x);
    }

    /// Derivatives by what [#norm] was given: by x in its format, by w summed over all rows.
    record NormBack(Tensor dx, Tensor dw) {}

    /// The way back of [#norm].
    static NormBack normBackward(Tensor x, Tensor w, double epsilon, Tensor dy) {
        Normed normed = Normed.of(x, w.numel(), epsilon);
        Tensor derivative = rows(dy, w.numel());
        Tensor along = torch.mul(derivative, normed.values());
        Tensor dw = torch.sum(along, 0);
        Tensor scaled = torch.mul(derivative, w);
        Tensor shift = mean(torch.mul(scaled, normed.values()));
        Tensor dx = torch.sub(scaled, torch.mul(normed.values(), shift)).mul_(normed.scale());
        return new NormBack(Tensors.cast(dx, x.scalar_type()).view_as(x), dw);
    }

    /// Rotates the first `2 · half` values of each head of `[positions, heads · headDim]` in place,
    /// by cosines and sines of `[positions, half]`.
    static void rotate(Tensor x, Tensor cos, Tensor sin, int headDim, int direction) {
        long half = cos.size(1);
        Tensor heads = x.view(x.size(0), -1, headDim);
        Tensor first = heads.narrow(2, 0, half);
        Tensor second = heads.narrow(2, half, half);
        Tensor c = cos.unsqueeze(1);
        Tensor s = direction < 0 ? sin.unsqueeze(1).neg() : sin.unsqueeze(1);
        Tensor left = torch.mul(first, c).addcmul_(second, s, new Scalar(-1));
        Tensor right = torch.mul(second, c).addcmul_(first, s);
        first.copy_(left);
        second.copy_(right);
    }

    /// `cap · tanh(z / cap)` in place.
    static Tensor cap(Tensor z, double cap) {
        return z.div_(new Scalar(cap)).tanh_().mul_(new Scalar(cap));
    }

    /// Turns derivatives by capped values into derivatives by what was capped, in place.
    static void capBackward(Tensor capped, Tensor derivatives, double cap) {
        Tensor share = torch.div(capped, new Scalar(cap));
        derivatives.mul_(share.mul_(share).neg_().add_(new Scalar(1)));
    }
}
