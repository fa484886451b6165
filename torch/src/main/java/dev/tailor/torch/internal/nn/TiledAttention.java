package dev.tailor.torch.internal.nn;

import dev.tailor.tensors.DType;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.CausalSoftmax;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Attention for bfloat16 by blocks of query positions: each block meets only the keys up to its
/// own end, so that the half that causality forbids is hardly computed. Products are bfloat16
/// matrices with float32 sums inside (oneDNN); the softmax between them is one pass over memory in
/// Java. Query heads that share a key head are stacked, which makes one taller product of them.
/// With a window, a block meets only the keys from the first that its first position sees.
final class TiledAttention implements Attention.Kernel {
    /// Query positions of a block. Shorter ones save arithmetic, longer ones calls.
    private static final int BLOCK = 128;

    /// Segments up to this length are one block.
    private static final int WHOLE = 192;

    private final Attention.Heads heads;
    private final Optional<CappedScores> caps;

    TiledAttention(Attention.Heads heads) {
        this.heads = heads;
        caps = heads.caps(DType.BF16);
    }

    /// Query positions `from` to `to` of every segment and head, which meet the keys `first` to
    /// `to`: `stacked` rows of a batch of `pairs` products.
    private record Block(int from, int to, int first) {
        int size() {
            return to - from;
        }

        int width() {
            return to - first;
        }
    }

    private List<Block> blocks(int length) {
        int size = length <= WHOLE ? length : BLOCK;
        List<Block> blocks = new ArrayList<>();
        for (int from = 0; from < length; from += size) {
            blocks.add(new Block(from, Math.min(length, from + size), heads.firstKey(from)));
        }
        return blocks;
    }

    @Override
    public Attention.Forward forward(Tensor q, Tensor k, Tensor v) {
        Tensor keys = keyValueHeads(k);
        Tensor values = keyValueHeads(v);
        Tensor out = torch.empty_like(q);
        List<Tensor> logSums = new ArrayList<>();
        for (Block block : blocks((int) q.size(1))) {
            Tensor logSum = Tensors.empty(ScalarType.Float, rows(keys, block));
            logSums.add(logSum);
            Scoped.run(() -> {
                Tensor p = torch.bmm(stacked(q, block), met(keys, block).transpose(1, 2));
                softmax(p, block, logSum);
                unstack(torch.bmm(p, met(values, block)), out, block);
            });
        }
        return new Attention.Forward(flat(out), logSums);
    }

    @Override
    public Attention.Backward backward(
            Tensor q, Tensor k, Tensor v, Attention.Forward ahead, Tensor dOut) {
        Tensor keys = keyValueHeads(k);
        Tensor values = keyValueHeads(v);
        Tensor dq = torch.empty_like(q);
        Tensor dKeys = torch.zeros_like(Tensors.cast(keys, ScalarType.Float));
        Tensor dValues = torch.zeros_like(dKeys);
        List<Block> blocks = blocks((int) q.size(1));
        for (int b = 0; b < blocks.size(); b++) {
            Block block = blocks.get(b);
            Tensor logSum = ahead.logSums().get(b);
            Scoped.run(() -> {
                Tensor queries = stacked(q, block);
                Tensor dMixed = stacked(dOut, block);
                Tensor p = torch.bmm(queries, met(keys, block).transpose(1, 2));
                Tensor dp = torch.bmm(dMixed, met(values, block).transpose(1, 2));
                softmaxBackward(p, dp, stacked(ahead.out(), block), dMixed, block, logSum);
                met(dValues, block).add_(torch.bmm(p.transpose(1, 2), dMixed));
                met(dKeys, block).add_(torch.bmm(dp.transpose(1, 2), queries));
                unstack(torch.bmm(dp, met(keys, block)), dq, block);
            });
        }
        return new Attention.Backward(flat(dq), keyValueRows(dKeys, q), keyValueRows(dValues, q));
    }

    /// Scores to probabilities, in place.
    private void softmax(Tensor scores, Block block, Tensor logSum) {
        MemorySegment memory = Tensors.memory(scores);
        MemorySegment sums = Tensors.memory(logSum);
        float scale = heads.softmaxScale();
        int width = block.width();
        Parallel.rows(
                (int) logSum.numel(),
                (first, last) -> {
                    for (int r = first; r < last; r++) {
                        int position = block.from() + r % block.size();
                        int hidden = hide(block, position, (long) r * width, memory);
                        long start = (long) r * width + hidden;
                        int visible = position + 1 - block.first() - hidden;
                        caps.ifPresent(c -> c.apply(memory, start, visible));
                        float sum =
                                CausalSoftmax.forward(
                                        memory, start, width - hidden, visible, scale);
                        sums.setAtIndex(ValueLayout.JAVA_FLOAT, r, sum);
                    }
                });
    }

    /// Scores to probabilities and derivatives by probabilities to derivatives by scores, both in
    /// place. Σ p dp of a row equals the product of its output and the output's derivative (Dao et
    /// al. 2022, appendix B).
    private void softmaxBackward(
            Tensor scores, Tensor dp, Tensor mixed, Tensor dMixed, Block block, Tensor logSum) {
        MemorySegment p = Tensors.memory(scores);
        MemorySegment derivatives = Tensors.memory(dp);
        MemorySegment out = Tensors.memory(mixed);
        MemorySegment dOut = Tensors.memory(dMixed);
        MemorySegment sums = Tensors.memory(logSum);
        float scale = heads.softmaxScale();
        int width = block.width();
        Parallel.rows(
                (int) logSum.numel(),
                (first, last) -> {
                    for (int r = first; r < last; r++) {
                        int position = block.from() + r % block.size();
                        int hidden = hide(block, position, (long) r * width, p, derivatives);
                        long start = (long) r * width + hidden;
                        int visible = position + 1 - block.first() - hidden;
                        int rest = width - hidden;
                        float sum = sums.getAtIndex(ValueLayout.JAVA_FLOAT, r);
                        Optional<float[]> capped = caps.map(c -> c.apply(p, start, visible));
                        CausalSoftmax.probabilities(p, start, rest, visible, scale, sum);
                        float shift =
                                CausalSoftmax.dot(out, dOut, (long) r * heads.dim(), heads.dim());
                        CausalSoftmax.backward(derivatives, p, start, rest, visible, scale, shift);
                        if (capped.isPresent()) {
                            caps.orElseThrow().backward(capped.get(), derivatives, start);
                        }
                    }
                });
    }

    /// Makes what a row holds for keys before its window zero; returns how many they are.
    private int hide(Block block, int position, long start, MemorySegment... rows) {
        int hidden = heads.firstKey(position) - block.first();
        for (MemorySegment row : rows) {
            if (hidden > 0) {
                row.asSlice(start * 2, hidden * 2L).fill((byte) 0);
            }
        }
        return hidden;
    }

    /// `[count · keyValueHeads, length, dim]`.
    private Tensor keyValueHeads(Tensor rows) {
        return rows.view(rows.size(0), rows.size(1), heads.keyValue(), heads.dim())
                .transpose(1, 2)
                .reshape(rows.size(0) * heads.keyValue(), rows.size(1), heads.dim());
    }

    /// The way back of [#keyValueHeads], to `[count · length, keyValueHeads · dim]`.
    private Tensor keyValueRows(Tensor perHead, Tensor like) {
        return Tensors.cast(
                perHead.view(like.size(0), heads.keyValue(), like.size(1), heads.dim())
                        .transpose(1, 2)
                        .reshape(
                                like.size(0) * like.size(1), (long) heads.keyValue() * heads.dim()),
                like.scalar_type());
    }

    private static Tensor met(Tensor perHead, Block block) {
        return perHead.narrow(1, block.first(), block.width());
    }

    private long rows(Tensor keys, Block block) {
        return keys.size(0) * heads.sharing() * block.size();
    }

    /// A block's positions as `[count, keyValueHeads, sharing, positions, dim]`, a view.
    private Tensor view(Tensor rows, Block block) {
        return rows.view(rows.size(0), rows.size(1), heads.keyValue(), heads.sharing(), heads.dim())
                .narrow(1, block.from(), block.size())
                .permute(0, 2, 3, 1, 4);
    }

    /// A block's positions as `[count · keyValueHeads, sharing · positions, dim]`.
    private Tensor stacked(Tensor rows, Block block) {
        return view(rows, block)
                .reshape(
                        rows.size(0) * heads.keyValue(),
                        (long) heads.sharing() * block.size(),
                        heads.dim());
    }

    private void unstack(Tensor stacked, Tensor rows, Block block) {
        Tensor target = view(rows, block);
        target.copy_(stacked.view_as(target));
    }

    private static Tensor flat(Tensor rows) {
        return rows.view(rows.size(0) * rows.size(1), rows.size(2));
    }
}
