package dev.tailor.torch.internal.nn;

import dev.tailor.tensors.DType;
import dev.tailor.torch.internal.MatrixProduct;
import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Sgemm;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Causal attention within each segment, `softmax(scale · q kᵀ) v`, with query heads sharing key
/// and value heads in groups, perhaps within a window and with capped scores.
final class Attention {
    /// Number of heads, their size, and what becomes of their scores.
    ///
    /// @param scale what scores are multiplied by
    /// @param window how many positions a query sees, its own included
    /// @param softCap what scores approach but never exceed; 0: any score may be
    record Heads(int query, int keyValue, int dim, double scale, int window, double softCap) {
        /// Heads of plain attention.
        static Heads of(int query, int keyValue, int dim) {
            return new Heads(query, keyValue, dim, 1 / Math.sqrt(dim), Integer.MAX_VALUE, 0);
        }

        int sharing() {
            return query / keyValue;
        }

        /// The first position that a query at some position sees.
        int firstKey(int position) {
            return Math.max(0, position - window + 1);
        }

        boolean isWindowed() {
            return window < Integer.MAX_VALUE;
        }

        boolean isCapped() {
            return softCap > 0;
        }

        /// What the kernels' softmax multiplies scores by: capped ones are scaled already.
        float softmaxScale() {
            return isCapped() ? 1 : (float) scale;
        }

        /// Soft caps of scores kept in some format.
        Optional<CappedScores> caps(DType type) {
            return isCapped()
                    ? Optional.of(new CappedScores(type, (float) scale, (float) softCap))
                    : Optional.empty();
        }
    }

    /// Attention of segments of equal length. Inputs are `[count, length, heads · dim]`.
    interface Kernel {
        /// The mixed values, `[count · length, query heads · dim]`, and the logarithms of the rows'
        /// sums, which the way back needs.
        Forward forward(Tensor q, Tensor k, Tensor v);

        /// Derivatives by q, k and v, each `[count · length, heads · dim]`.
        Backward backward(Tensor q, Tensor k, Tensor v, Forward forward, Tensor dOut);
    }

    /// What a kernel returns; `logSums` has a shape of the kernel's own.
    record Forward(Tensor out, List<Tensor> logSums) {}

    /// Derivatives by queries, keys and values.
    record Backward(Tensor dq, Tensor dk, Tensor dv) {}

    private final Kernel precise;
    private final Kernel tiled;
    private final CardAttention onCard;

    Attention(Heads heads) {
        precise = Native.byOperators() ? new MaskedAttention(heads) : precise(heads);
        tiled = new TiledAttention(heads);
        onCard = new CardAttention(heads);
    }

    private static Kernel precise(Heads heads) {
        if (Sgemm.isAvailable()) {
            return new HeadwiseAttention(heads);
        }
        return heads.isWindowed() || heads.isCapped()
                ? new MaskedAttention(heads)
                : new FlashAttention(heads);
    }

    /// q is `[positions, heads · headDim]`, k and v `[positions, keyValueHeads · headDim]`; the
    /// result has the shape of q.
    Value forward(Tape tape, Value q, Value k, Value v, Segments segments) {
        if (onCard.serves(q.data())) {
            return onCard.forward(tape, q, k, v, segments);
        }
        boolean wanted = q.wanted() || k.wanted() || v.wanted();
        boolean inFloat =
                Tensors.isFloat(q.data())
                        || !MatrixProduct.multipliesBfloat16()
                        || Native.byOperators();
        Kernel kernel = inFloat ? precise : tiled;
        ScalarType type = inFloat ? ScalarType.Float : q.data().scalar_type();
        List<List<Tensor>> logSums = new ArrayList<>();
        Tensor out = torch.empty_like(q.data());
        for (Segments.Group group : segments.groups()) {
            // What a kernel makes on its way goes at once.
            Scoped.run(() -> {
                Forward part =
                        kernel.forward(
                                group.gather(q.data(), type),
                                group.gather(k.data(), type),
                                group.gather(v.data(), type));
                group.scatter(part.out(), out);
                part.logSums().forEach(tape::keep);
                logSums.add(part.logSums());
            });
        }
        Value[] self = new Value[1];
        Value result =
                tape.result(
                        out,
                        wanted,
                        dy ->
                                backward(
                                        kernel,
                                        type,
                                        q,
                                        k,
                                        v,
                                        self[0].data(),
                                        logSums,
                                        dy,
                                        segments));
        self[0] = result;
        if (wanted) {
            List.of(q, k, v, result).forEach(tape::keep);
        }
        return result;
    }

    private static void backward(
            Kernel kernel,
            ScalarType type,
            Value q,
            Value k,
            Value v,
            Tensor out,
            List<List<Tensor>> logSums,
            Tensor dOut,
            Segments segments) {
        Tensor dq = torch.empty_like(q.data());
        Tensor dk = torch.empty_like(k.data());
        Tensor dv = torch.empty_like(v.data());
        for (int g = 0; g < segments.groups().size(); g++) {
            Segments.Group group = segments.groups().get(g);
            List<Tensor> sums = logSums.get(g);
            Scoped.run(() -> {
                Backward part =
                        kernel.backward(
                                group.gather(q.data(), type),
                                group.gather(k.data(), type),
                                group.gather(v.data(), type),
                                new Forward(group.gather(out, type), sums),
                                group.gather(dOut, type));
                group.scatter(part.dq(), dq);
                group.scatter(part.dk(), dk);
                group.scatter(part.dv(), dv);
            });
        }
        q.accumulate(dq);
        k.accumulate(dk);
        v.accumulate(dv);
    }
}
