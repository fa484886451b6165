package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Dispatch;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.List;

/// Causal attention within each segment, `softmax(q kᵀ / √headDim) v`, with query heads sharing key
/// and value heads in groups.
///
/// libtorch's flash kernel is called in float32 whatever the model's precision: in this build its
/// bfloat16 path is some ten times slower. It is called by its parts because the way back needs the
/// row sums (`logsumexp`) that the public operation does not return.
final class Attention {
    private final int heads;
    private final int keyValueHeads;
    private final int headDim;
    private final Dispatch forward =
            Dispatch.operator("aten::_scaled_dot_product_flash_attention_for_cpu");
    private final Dispatch backward =
            Dispatch.operator("aten::_scaled_dot_product_flash_attention_for_cpu_backward");

    Attention(int heads, int keyValueHeads, int headDim) {
        this.heads = heads;
        this.keyValueHeads = keyValueHeads;
        this.headDim = headDim;
    }

    /// q is `[positions, heads · headDim]`, k and v `[positions, keyValueHeads · headDim]`; the
    /// result has the shape of q.
    Value forward(Tape tape, Value q, Value k, Value v, Segments segments) {
        boolean wanted = q.wanted() || k.wanted() || v.wanted();
        List<Tensor> rowSums = new ArrayList<>();
        Tensor out = Tensors.empty(q.data().scalar_type(), q.data().size(0), q.data().size(1));
        for (Segments.Group group : segments.groups()) {
            IValueVector results =
                    forward.call(
                            new IValue(heads(group, q.data())),
                            new IValue(shared(group, k.data())),
                            new IValue(shared(group, v.data())),
                            new IValue(0.0),
                            new IValue(true),
                            new IValue(),
                            new IValue());
            group.scatter(rows(results.get(0).toTensor()), out);
            rowSums.add(tape.keep(new Tensor(results.get(1).toTensor())));
        }
        Value[] self = new Value[1];
        Value result =
                tape.result(
                        out,
                        wanted,
                        dy -> backward(q, k, v, self[0].data(), rowSums, dy, segments));
        self[0] = result;
        if (wanted) {
            List.of(q, k, v, result).forEach(tape::keep);
        }
        return result;
    }

    private void backward(
            Value q,
            Value k,
            Value v,
            Tensor out,
            List<Tensor> rowSums,
            Tensor dy,
            Segments segments) {
        Tensor dq = torch.empty_like(q.data());
        Tensor dk = torch.empty_like(k.data());
        Tensor dv = torch.empty_like(v.data());
        for (int g = 0; g < segments.groups().size(); g++) {
            Segments.Group group = segments.groups().get(g);
            IValueVector results =
                    backward.call(
                            new IValue(heads(group, dy)),
                            new IValue(heads(group, q.data())),
                            new IValue(shared(group, k.data())),
                            new IValue(shared(group, v.data())),
                            new IValue(heads(group, out)),
                            new IValue(rowSums.get(g)),
                            new IValue(0.0),
                            new IValue(true),
                            new IValue(),
                            new IValue());
            group.scatter(rows(results.get(0).toTensor()), dq);
            group.scatter(rows(summed(results.get(1).toTensor())), dk);
            group.scatter(rows(summed(results.get(2).toTensor())), dv);
        }
        q.accumulate(dq);
        k.accumulate(dk);
        v.accumulate(dv);
    }

    /// `[count, heads, length, headDim]` in float32.
    private Tensor heads(Segments.Group group, Tensor flat) {
        Tensor split = group.gather(flat).view(group.count(), group.length(), heads, headDim);
        return Tensors.cast(split, ScalarType.Float).transpose(1, 2);
    }

    /// Keys or values, each head repeated for the query heads that share it.
    private Tensor shared(Segments.Group group, Tensor flat) {
        int sharing = heads / keyValueHeads;
        Tensor split =
                Tensors.cast(group.gather(flat), ScalarType.Float)
                        .view(group.count(), group.length(), keyValueHeads, 1, headDim)
                        .expand(group.count(), group.length(), keyValueHeads, sharing, headDim);
        return split.reshape(group.count(), group.length(), heads, headDim).transpose(1, 2);
    }

    /// The derivative by a shared head is the sum over the query heads that share it.
    private Tensor summed(Tensor perHead) {
        long sharing = heads / keyValueHeads;
        Tensor grouped =
                perHead.view(
                        perHead.size(0), keyValueHeads, sharing, perHead.size(2), perHead.size(3));
        return torch.sum(grouped, 2);
    }

    /// `[count, n, length, headDim]` as `[count · length, n · headDim]`.
    private static Tensor rows(Tensor perHead) {
        return perHead.transpose(1, 2)
                .reshape(perHead.size(0) * perHead.size(2), perHead.size(1) * perHead.size(3));
    }
}
