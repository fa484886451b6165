package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Dispatch;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tensor;

import java.util.List;

/// libtorch's flash attention for float32. It is called by its parts because the way back needs the
/// rows' sums, which the public operation does not return. Its bfloat16 path is some ten times
/// slower than this one in this build: never use that.
final class FlashAttention implements Attention.Kernel {
    private final HeadViews views;
    private final double scale;
    private final Dispatch forward =
            Dispatch.operator("aten::_scaled_dot_product_flash_attention_for_cpu");
    private final Dispatch backward =
            Dispatch.operator("aten::_scaled_dot_product_flash_attention_for_cpu_backward");

    FlashAttention(Attention.Heads heads) {
        views = new HeadViews(heads);
        scale = heads.scale();
    }

    @Override
    public Attention.Forward forward(Tensor q, Tensor k, Tensor v) {
        IValueVector results =
                forward.call(
                        new IValue(views.split(q)),
                        new IValue(views.shared(k)),
                        new IValue(views.shared(v)),
                        new IValue(0.0),
                        new IValue(true),
                        new IValue(),
                        new IValue(scale));
        return new Attention.Forward(
                HeadViews.rows(results.get(0).toTensor()),
                List.of(new Tensor(results.get(1).toTensor())));
    }

    @Override
    public Attention.Backward backward(
            Tensor q, Tensor k, Tensor v, Attention.Forward ahead, Tensor dOut) {
        IValueVector results =
                backward.call(
                        new IValue(views.split(dOut)),
                        new IValue(views.split(q)),
                        new IValue(views.shared(k)),
                        new IValue(views.shared(v)),
                        new IValue(views.split(ahead.out())),
                        new IValue(ahead.logSums().getFirst()),
                        new IValue(0.0),
                        new IValue(true),
                        new IValue(),
                        new IValue(scale));
        return new Attention.Backward(
                HeadViews.rows(results.get(0).toTensor()),
                HeadViews.rows(views.summed(results.get(1).toTensor())),
                HeadViews.rows(views.summed(results.get(2).toTensor())));
    }
}
