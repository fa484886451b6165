package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Dispatch;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.List;

/// libtorch's flash attention for float32. It is called by its parts because the way back needs the
/// rows' sums, which the public operation does not return. Its bfloat16 path is some ten times
/// slower than this one in this build: never use that.
final class FlashAttention implements Attention.Kernel {
    private final Attention.Heads heads;
    private final Dispatch forward =
            Dispatch.operator("aten::_scaled_dot_product_flash_attention_for_cpu");
    private final Dispatch backward =
            Dispatch.operator("aten::_scaled_dot_product_flash_attention_for_cpu_backward");

    FlashAttention(Attention.Heads heads) {
        this.heads = heads;
    }

    @Override
    public Attention.Forward forward(Tensor q, Tensor k, Tensor v) {
        IValueVector results =
                forward.call(
                        new IValue(split(q)),
                        new IValue(shared(k)),
                        new IValue(shared(v)),
                        new IValue(0.0),
                        new IValue(true),
                        new IValue(),
                        new IValue());
        return new Attention.Forward(
                rows(results.get(0).toTensor()), List.of(new Tensor(results.get(1).toTensor())));
    }

    @Override
    public Attention.Backward backward(
            Tensor q, Tensor k, Tensor v, Attention.Forward ahead, Tensor dOut) {
        IValueVector results =
                backward.call(
                        new IValue(split(dOut)),
                        new IValue(split(q)),
                        new IValue(shared(k)),
                        new IValue(shared(v)),
                        new IValue(split(ahead.out())),
                        new IValue(ahead.logSums().getFirst()),
                        new IValue(0.0),
                        new IValue(true),
                        new IValue(),
                        new IValue());
        return new Attention.Backward(
                rows(results.get(0).toTensor()),
                rows(summed(results.get(1).toTensor())),
                rows(summed(results.get(2).toTensor())));
    }

    /// `[count, heads, length, dim]`.
    private Tensor split(Tensor rows) {
        return rows.view(rows.size(0), rows.size(1), heads.query(), heads.dim()).transpose(1, 2);
    }

    /// Keys or values, each head repeated for the query heads that share it.
    private Tensor shared(Tensor rows) {
        long count = rows.size(0);
        long length = rows.size(1);
        return rows.view(count, length, heads.keyValue(), 1, heads.dim())
                .expand(count, length, heads.keyValue(), heads.sharing(), heads.dim())
                .reshape(count, length, heads.query(), heads.dim())
                .transpose(1, 2);
    }

    /// The derivative by a shared head is the sum over the query heads that share it.
    private Tensor summed(Tensor perHead) {
        Tensor grouped =
                perHead.view(
                        perHead.size(0),
                        heads.keyValue(),
                        heads.sharing(),
                        perHead.size(2),
                        perHead.size(3));
        return torch.sum(grouped, 2);
    }

    /// `[count, n, length, dim]` as `[count · length, n · dim]`.
    private static Tensor rows(Tensor perHead) {
        return perHead.transpose(1, 2)
                .reshape(perHead.size(0) * perHead.size(2), perHead.size(1) * perHead.size(3));
    }
}
