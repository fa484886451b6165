package dev.tailor.torch.internal.nn;

import static dev.tailor.torch.internal.Sgemm.Into.FRESH;
import static dev.tailor.torch.internal.Sgemm.Into.SUM;

import dev.tailor.tensors.DType;
import dev.tailor.torch.internal.Matrix;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Sgemm;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.CausalScores;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/// Attention in float32: each thread takes one segment and head at a time, by blocks of query
/// positions whose scores stay in the second-level cache. A block meets only the keys up to its own
/// end, so that the half that causality forbids is hardly computed. Heads are read and written
/// where they lie; nothing is transposed, repeated or gathered. With a window, a block meets only
/// the keys from the first that its first position sees.
final class HeadwiseAttention implements Attention.Kernel {
    /// Query positions of a block: 128 rows of 1024 scores are half a megabyte.
    private static final int BLOCK = 128;

    private final Attention.Heads heads;
    private final Optional<CappedScores> caps;

    HeadwiseAttention(Attention.Heads heads) {
        this.heads = heads;
        caps = heads.caps(DType.F32);
    }

    /// Rows of heads: of every position, `width` values.
    private record Plane(MemorySegment memory, int length, int width, int dim) {
        static Plane of(Tensor rows, int length, int dim) {
            int width = Math.toIntExact(rows.size(rows.dim() - 1));
            return new Plane(Tensors.memory(rows), length, width, dim);
        }

        /// Index of the first value of one position of a head.
        long start(int segment, int head, int position) {
            return ((long) segment * length + position) * width + (long) head * dim;
        }

        /// Positions `from` to `to` of one head, `[to - from, dim]`.
        Matrix head(int segment, int head, int from, int to) {
            long address = memory.address() + start(segment, head, from) * Float.BYTES;
            return new Matrix(address, to - from, dim, width, false);
        }
    }

    private Plane plane(Tensor rows, Tensor like) {
        return Plane.of(rows, Math.toIntExact(like.size(1)), heads.dim());
    }

    /// Query positions `from` to `to` of a head, with room for their scores by the keys `first` to
    /// `to`.
    private record Block(int from, int to, int first) {
        Matrix scores(MemorySegment room) {
            return new Matrix(room.address(), to - from, to - first, to - first, false);
        }

        /// Index of a position's first score.
        long start(int position) {
            return (long) (position - from) * (to - first);
        }

        /// The scores of a position from the first key on that it sees.
        CausalScores.Row row(int position, int firstKey) {
            int hidden = firstKey - first;
            return new CausalScores.Row(
                    start(position) + hidden, to - first - hidden, position + 1 - firstKey);
        }
    }

    private Block block(int from, int length) {
        return new Block(from, Math.min(from + BLOCK, length), heads.firstKey(from));
    }

    /// The scores that a position sees; those of keys before its window become zero.
    private CausalScores.Row visible(Block block, int position, MemorySegment... rooms) {
        CausalScores.Row row = block.row(position, heads.firstKey(position));
        long start = block.start(position);
        if (row.start() > start) {
            for (MemorySegment room : rooms) {
                room.asSlice(start * Float.BYTES, (row.start() - start) * Float.BYTES)
                        .fill((byte) 0);
            }
        }
        return row;
    }

    @Override
    public Attention.Forward forward(Tensor q, Tensor k, Tensor v) {
        int length = Math.toIntExact(q.size(1));
        Tensor out = torch.empty_like(q);
        Tensor logSums = Tensors.empty(ScalarType.Float, q.size(0) * heads.query(), length);
        Plane queries = plane(q, q);
        Plane keys = plane(k, q);
        Plane values = plane(v, q);
        Plane mixed = plane(out, q);
        MemorySegment sums = Tensors.memory(logSums);
        eachHead(
                q,
                (segment, head, rooms) -> {
                    int shared = head / heads.sharing();
                    for (int from = 0; from < length; from += BLOCK) {
                        Block block = block(from, length);
                        Matrix scores = block.scores(rooms.first());
                        Matrix query = queries.head(segment, head, from, block.to());
                        Sgemm.product(
                                query,
                                keys.head(segment, shared, block.first(), block.to()).t(),
                                scores,
                                FRESH);
                        float[] divisors = new float[block.to() - from];
                        for (int i = from; i < block.to(); i++) {
                            CausalScores.Row row = visible(block, i, rooms.first());
                            caps.ifPresent(c -> c.apply(rooms.first(), row.start(), row.visible()));
                            CausalScores.Sum sum =
                                    CausalScores.forward(rooms.first(), row, heads.softmaxScale());
                            divisors[i - from] = sum.sum();
                            sums.setAtIndex(
                                    ValueLayout.JAVA_FLOAT,
                                    row(segment, head) * length + i,
                                    sum.logarithm());
                        }
                        Matrix result = mixed.head(segment, head, from, block.to());
                        Sgemm.product(
                                scores,
                                values.head(segment, shared, block.first(), block.to()),
                                result,
                                FRESH);
                        for (int i = from; i < block.to(); i++) {
                            long start = mixed.start(segment, head, i);
                            CausalScores.divide(
                                    mixed.memory(), start, heads.dim(), divisors[i - from]);
                        }
                    }
                });
        return new Attention.Forward(flat(out), List.of(logSums));
    }

    @Override
    public Attention.Backward backward(
            Tensor q, Tensor k, Tensor v, Attention.Forward ahead, Tensor dOut) {
        Tensor dq = torch.empty_like(q);
        // Without a window the last block, which comes first, meets every key.
        Tensor dk = heads.isWindowed() ? torch.zeros_like(q) : torch.empty_like(q);
        Tensor dv = heads.isWindowed() ? torch.zeros_like(q) : torch.empty_like(q);
        Ahead before =
                new Ahead(
                        plane(q, q),
                        plane(k, q),
                        plane(v, q),
                        plane(ahead.out(), q),
                        Tensors.memory(ahead.logSums().getFirst()));
        Back back = new Back(plane(dOut, q), plane(dq, q), plane(dk, q), plane(dv, q));
        eachHead(
                q,
                (segment, head, rooms) -> {
                    // From the last block to the first.
                    int last = (before.q().length() - 1) / BLOCK * BLOCK;
                    for (int from = last; from >= 0; from -= BLOCK) {
                        Block block = block(from, before.q().length());
                        blockBackward(before, back, segment, head, block, rooms);
                    }
                });
        return new Attention.Backward(flat(dq), flat(summed(dk)), flat(summed(dv)));
    }

    /// What the way forward left.
    private record Ahead(Plane q, Plane k, Plane v, Plane out, MemorySegment logSums) {}

    /// The derivative that comes back and those that are to be made; keys and values have one per
    /// query head.
    private record Back(Plane dOut, Plane dq, Plane dk, Plane dv) {}

    private void blockBackward(
            Ahead ahead, Back back, int segment, int head, Block block, Rooms rooms) {
        int from = block.from();
        int to = block.to();
        int first = block.first();
        Matrix query = ahead.q().head(segment, head, from, to);
        Matrix key = ahead.k().head(segment, head / heads.sharing(), first, to);
        Matrix value = ahead.v().head(segment, head / heads.sharing(), first, to);
        Matrix dMixed = back.dOut().head(segment, head, from, to);
        Matrix p = block.scores(rooms.first());
        Matrix ds = block.scores(rooms.second());
        Sgemm.product(query, key.t(), p, FRESH);
        Sgemm.product(dMixed, value.t(), ds, FRESH);
        for (int i = from; i < to; i++) {
            long sum = row(segment, head) * ahead.q().length() + i;
            // Σ p dp equals the product of the output and its derivative (Dao et al. 2022, appendix
            // B).
            float shift =
                    CausalScores.dot(
                            ahead.out().memory(),
                            back.dOut().memory(),
                            ahead.out().start(segment, head, i),
                            heads.dim());
            CausalScores.Row row = visible(block, i, rooms.first(), rooms.second());
            float logSum = ahead.logSums().getAtIndex(ValueLayout.JAVA_FLOAT, sum);
            Optional<float[]> capped =
                    caps.map(c -> c.apply(rooms.first(), row.start(), row.visible()));
            CausalScores.backward(
                    rooms.first(), rooms.second(), row, heads.softmaxScale(), logSum, shift);
            if (capped.isPresent()) {
                caps.orElseThrow().backward(capped.get(), rooms.second(), row.start());
            }
        }
        boolean sums = heads.isWindowed() || to < ahead.q().length();
        Sgemm.Into into = sums ? SUM : FRESH;
        Sgemm.product(p.t(), dMixed, back.dv().head(segment, head, first, to), into);
        Sgemm.product(ds.t(), query, back.dk().head(segment, head, first, to), into);
        Sgemm.product(ds, key, back.dq().head(segment, head, from, to), FRESH);
    }

    /// Room for the scores of a block and for their derivatives.
    private record Rooms(MemorySegment first, MemorySegment second) {}

    private interface HeadWork {
        void work(int segment, int head, Rooms rooms);
    }

    private void eachHead(Tensor q, HeadWork work) {
        long room = Math.min(BLOCK, q.size(1)) * q.size(1);
        Parallel.rows(
                Math.toIntExact(q.size(0) * heads.query()),
                (first, last) ->
                        Scoped.run(() -> {
                            Rooms rooms =
                                    new Rooms(
                                            Tensors.memory(Tensors.empty(ScalarType.Float, room)),
                                            Tensors.memory(Tensors.empty(ScalarType.Float, room)));
                            for (int i = first; i < last; i++) {
                                work.work(i / heads.query(), i % heads.query(), rooms);
                            }
                        }));
    }

    private long row(int segment, int head) {
        return (long) segment * heads.query() + head;
    }

    /// The derivative by a shared head is the sum over the query heads that share it.
    private Tensor summed(Tensor perHead) {
        Tensor grouped =
                perHead.view(
                        perHead.size(0),
                        perHead.size(1),
                        heads.keyValue(),
                        heads.sharing(),
                        heads.dim());
        return torch.sum(grouped, 3).view(perHead.size(0), perHead.size(1), -1);
    }

    private static Tensor flat(Tensor rows) {
        return rows.view(rows.size(0) * rows.size(1), rows.size(2));
    }
}
