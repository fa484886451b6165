package dev.tailor.torch.internal.nn;

import dev.tailor.torch.internal.Dispatch;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.List;
import java.util.stream.IntStream;

/// Causal attention of a whole packed batch in one call of libtorch's flash attention (Dao 2023,
/// arXiv 2307.08691), which keeps no scores and knows where each segment begins: bfloat16 on a
/// card, windows included, caps not.
final class CardAttention {
    private static final int HEAD_STEP = 8;
    private static final int LARGEST_HEAD = 256;

    private final Attention.Heads heads;

    CardAttention(Attention.Heads heads) {
        this.heads = heads;
    }

    /// Looked up when first used: a libtorch without CUDA has them too, but cannot call them.
    private static final class Calls {
        static final Dispatch FORWARD = Dispatch.operator("aten::_flash_attention_forward");
        static final Dispatch BACKWARD = Dispatch.operator("aten::_flash_attention_backward");
    }

    /// Whether it can compute this.
    boolean serves(Tensor q) {
        return q.is_cuda()
                && q.scalar_type().intern() == ScalarType.BFloat16
                && !heads.isCapped()
                && heads.dim() % HEAD_STEP == 0
                && heads.dim() <= LARGEST_HEAD;
    }

    /// Where segments begin and end, `[segments + 1]` of int32, and the longest.
    private record Ends(Tensor starts, int longest) {
        static Ends of(Segments segments) {
            int[] lengths = segments.lengths();
            int[] starts = new int[lengths.length + 1];
            for (int i = 0; i < lengths.length; i++) {
                starts[i + 1] = starts[i] + lengths[i];
            }
            return new Ends(
                    Tensors.cast(Tensors.indices(starts), ScalarType.Int),
                    IntStream.of(lengths).max().orElse(0));
        }
    }

    /// As [Attention#forward].
    Value forward(Tape tape, Value q, Value k, Value v, Segments segments) {
        boolean wanted = q.wanted() || k.wanted() || v.wanted();
        Ends ends = Ends.of(segments);
        IValueVector results =
                Calls.FORWARD.call(
                        new IValue(split(q.data())),
                        new IValue(split(k.data())),
                        new IValue(split(v.data())),
                        new IValue(ends.starts()),
                        new IValue(ends.starts()),
                        new IValue((long) ends.longest()),
                        new IValue((long) ends.longest()),
                        new IValue(0.0),
                        new IValue(true),
                        new IValue(false),
                        new IValue(heads.scale()),
                        before(),
                        after(),
                        new IValue(),
                        new IValue());
        Tensor out = new Tensor(results.get(0).toTensor()).view_as(q.data());
        Tensor starts = tape.keep(ends.starts());
        Tensor logSums = tape.keep(new Tensor(results.get(1).toTensor()));
        Tensor random = tape.keep(new Tensor(results.get(2).toTensor()));
        Tensor unused = tape.keep(new Tensor(results.get(3).toTensor()));
        Value[] self = new Value[1];
        Value result =
                tape.result(
                        out,
                        wanted,
                        dy -> {
                            IValueVector back =
                                    Calls.BACKWARD.call(
                                            new IValue(split(dy.contiguous())),
                                            new IValue(split(q.data())),
                                            new IValue(split(k.data())),
                                            new IValue(split(v.data())),
                                            new IValue(split(self[0].data())),
                                            new IValue(logSums),
                                            new IValue(starts),
                                            new IValue(starts),
                                            new IValue((long) ends.longest()),
                                            new IValue((long) ends.longest()),
                                            new IValue(0.0),
                                            new IValue(true),
                                            new IValue(random),
                                            new IValue(unused),
                                            new IValue(heads.scale()),
                                            before(),
                                            after());
                            accumulate(q, back.get(0));
                            accumulate(k, back.get(1));
                            accumulate(v, back.get(2));
                        });
        self[0] = result;
        if (wanted) {
            List.of(q, k, v, result).forEach(tape::keep);
        }
        return result;
    }

    /// `[positions, heads, dim]`.
    private Tensor split(Tensor rows) {
        return rows.view(rows.size(0), -1, heads.dim());
    }

    private static void accumulate(Value value, IValue derivative) {
        value.accumulate(new Tensor(derivative.toTensor()).reshape(value.data().sizes()));
    }

    /// Positions before its own that a query sees, nothing for all.
    private IValue before() {
        return heads.isWindowed() ? new IValue((long) heads.window() - 1) : new IValue();
    }

    private IValue after() {
        return heads.isWindowed() ? new IValue(0L) : new IValue();
    }
}
