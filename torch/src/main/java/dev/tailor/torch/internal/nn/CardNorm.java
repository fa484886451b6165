package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Dispatch;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tensor;

/// Root mean square norm in one of libtorch's kernels each way, for tensors on a card whose weights
/// have their format; [Operators#norm] computes the same in a dozen.
final class CardNorm {
    private CardNorm() {}

    /// Looked up when first used: a libtorch without CUDA does not have the way back.
    private static final class Calls {
        static final Dispatch FORWARD = Dispatch.operator("aten::_fused_rms_norm");
        static final Dispatch BACKWARD = Dispatch.operator("aten::_fused_rms_norm_backward");
    }

    /// Whether it can compute this.
    static boolean serves(Tensor x, Tensor w) {
        return x.is_cuda() && x.scalar_type().intern() == w.scalar_type().intern();
    }

    /// The norm of rows as wide as w.
    static Tensor forward(Tensor x, Tensor w, double epsilon) {
        return new Tensor(normed(x, w, epsilon).get(0).toTensor()).view_as(x);
    }

    /// The way back.
    ///
    /// @param learns whether the derivative by w is wanted; it has w's format
    static Operators.NormBack backward(
            Tensor x, Tensor w, double epsilon, Tensor dy, boolean learns) {
        Tensor scale = new Tensor(normed(x, w, epsilon).get(1).toTensor());
        IValueVector back =
                Calls.BACKWARD.call(
                        new IValue(rows(dy, w)),
                        new IValue(rows(x, w)),
                        Calls.BACKWARD.list(2, new IValue(w.numel())),
                        new IValue(scale),
                        new IValue(w),
                        Calls.BACKWARD.list(5, new IValue(true), new IValue(learns)));
        return new Operators.NormBack(
                new Tensor(back.get(0).toTensor()).view_as(x), new Tensor(back.get(1).toTensor()));
    }

    private static IValueVector normed(Tensor x, Tensor w, double epsilon) {
        return Calls.FORWARD.call(
                new IValue(rows(x, w)),
                Calls.FORWARD.list(1, new IValue(w.numel())),
                new IValue(w),
                new IValue(epsilon));
    }

    private static Tensor rows(Tensor x, Tensor w) {
        return x.reshape(-1, w.numel());
    }
}
