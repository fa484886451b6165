package dev.tailor.torch.internal.nn;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.internal.Parallel;
import dev.tailor.torch.internal.Rows;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.CachedHeads;
import dev.tailor.torch.internal.kernels.SoftCap;
import dev.tailor.torch.internal.kernels.Softmax;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Attention of a step's pieces over everything before them in the cache. Pieces are laid end to
/// end, those that begin their sequence first; each is computed as if it were alone:
///
/// - what begins a sequence needs no cache and goes to the attention of whole segments,
/// - single tokens, one query against a long past, go page by page,
/// - pieces of several tokens in the middle of a sequence meet a copy of its past.
final class CacheMixing {
    private static final long WORTH_THREADS = 200_000;

    private final DecoderConfig config;
    private final PagedCache cache;
    private final List<Piece> pieces;
    private final int[] starts;
    private final int beginning;
    private final Segments segments;

    CacheMixing(DecoderConfig config, PagedCache cache, List<Piece> pieces) {
        this.config = config;
        this.cache = cache;
        this.pieces = pieces;
        starts = new int[pieces.size() + 1];
        int first = 0;
        for (int i = 0; i < pieces.size(); i++) {
            starts[i + 1] = starts[i] + pieces.get(i).length();
            first += begins(pieces.get(i)) ? 1 : 0;
        }
        beginning = first;
        segments = Segments.of(pieces.stream().limit(beginning).mapToInt(Piece::length).toArray());
    }

    /// Whether a piece is attended to without the cache; those must come first.
    static boolean begins(Piece piece) {
        return piece.start() == 0 && piece.length() > 1;
    }

    /// q is `[positions, heads · headDim]`, k and v `[positions, keyValueHeads · headDim]`; the
    /// result has the shape of q.
    Tensor mix(int layer, Attention attention, Tape tape, Value q, Value k, Value v) {
        store(layer, Rows.of(Tensors.onHost(k.data())), Rows.of(Tensors.onHost(v.data())));
        int segmentRows = starts[beginning];
        if (segmentRows == starts[pieces.size()]) {
            return attention.forward(tape, q, k, v, segments).data();
        }
        Tensor queries = Tensors.onHost(q.data());
        Tensor out = torch.empty_like(queries);
        if (segmentRows > 0) {
            Tensor part =
                    attention
                            .forward(
                                    tape,
                                    first(q, segmentRows),
                                    first(k, segmentRows),
                                    first(v, segmentRows),
                                    segments)
                            .data();
            out.narrow(0, 0, segmentRows).copy_(part);
        }
        singles(layer, Rows.of(queries), Rows.of(out));
        for (int i = beginning; i < pieces.size(); i++) {
            if (pieces.get(i).length() > 1) {
                middle(layer, i, queries, out);
            }
        }
        return Tensors.onDevice(out);
    }

    private static Value first(Value value, int rows) {
        return Value.constant(value.data().narrow(0, 0, rows));
    }

    /// Work on so many items that takes so many multiplications in all: what is little is done at
    /// once, as waking other threads would take longer.
    private static void each(int count, long multiplications, Parallel.Rows work) {
        if (multiplications < WORTH_THREADS) {
            work.work(0, count);
        } else {
            Parallel.rows(count, work);
        }
    }

    private void store(int layer, Rows keys, Rows values) {
        each(
                pieces.size(),
                (long) starts[pieces.size()] * keys.width(),
                (first, last) -> {
                    float[] key = new float[keys.width()];
                    float[] value = new float[values.width()];
                    for (int i = first; i < last; i++) {
                        Piece piece = pieces.get(i);
                        for (int t = 0; t < piece.length(); t++) {
                            keys.load(starts[i] + t, key);
                            values.load(starts[i] + t, value);
                            piece.sequence().store(layer, piece.start() + t, key, value);
                        }
                    }
                });
    }

    private int firstVisible(int layer, int position) {
        int window = config.stack().get(layer).window().orElse(Integer.MAX_VALUE);
        return Math.max(0, position + 1 - window);
    }

    private void singles(int layer, Rows queries, Rows out) {
        int[] single =
                IntStream.range(beginning, pieces.size())
                        .filter(i -> pieces.get(i).length() == 1)
                        .toArray();
        float[][] mixed = new float[single.length][out.width()];
        float[][] rows = new float[single.length][queries.width()];
        for (int s = 0; s < single.length; s++) {
            queries.load(starts[single[s]], rows[s]);
        }
        int heads = config.attention().heads();
        long positions = IntStream.of(single).mapToLong(i -> pieces.get(i).start() + 1L).sum();
        each(
                single.length * heads,
                2 * positions * queries.width(),
                (first, last) -> {
                    for (int i = first; i < last; i++) {
                        int s = i / heads;
                        Piece piece = pieces.get(single[s]);
                        single(layer, piece, i % heads, rows[s], mixed[s]);
                    }
                });
        for (int s = 0; s < single.length; s++) {
            out.store(starts[single[s]], mixed[s]);
        }
    }

    /// One head's query of one position over the pages that it sees.
    private void single(int layer, Piece piece, int head, float[] query, float[] out) {
        DecoderConfig.Attention shape = config.attention();
        int dim = shape.headDim();
        int shared = head / (shape.heads() / shape.keyValueHeads());
        int end = piece.start() + 1;
        int first = firstVisible(layer, piece.start());
        int from = first / PagedCache.PAGE * PagedCache.PAGE;
        float[] scores = new float[end - from + PagedCache.PAGE - 1];
        for (int p = from; p < end; p += PagedCache.PAGE) {
            CachedHeads.scores(
                    query,
                    head * dim,
                    dim,
                    piece.sequence().page(p).memory(),
                    cache.keysAt(layer, shared),
                    new CachedHeads.Page(scores, p - from, PagedCache.PAGE));
        }
        float[] seen = Arrays.copyOfRange(scores, first - from, end - from);
        scale(seen);
        Softmax.exponentials(seen, seen.length, Softmax.logSumExp(seen, seen.length));
        Arrays.fill(scores, 0, first - from, 0);
        System.arraycopy(seen, 0, scores, first - from, seen.length);
        for (int p = from; p < end; p += PagedCache.PAGE) {
            CachedHeads.mix(
                    new CachedHeads.Page(scores, p - from, Math.min(PagedCache.PAGE, end - p)),
                    piece.sequence().page(p).memory(),
                    cache.valuesAt(layer, shared),
                    dim,
                    out,
                    head * dim);
        }
    }

    private void scale(float[] scores) {
        float scale = (float) config.attention().scale();
        if (config.attention().softCap() > 0) {
            SoftCap.forward(scores, scale, (float) config.attention().softCap());
            return;
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] *= scale;
        }
    }

    /// Several positions in the middle of a sequence, one shared head at a time.
    private void middle(int layer, int index, Tensor q, Tensor out) {
        DecoderConfig.Attention shape = config.attention();
        Piece piece = pieces.get(index);
        int rows = piece.length();
        long sharing = shape.heads() / shape.keyValueHeads();
        int end = piece.start() + rows;
        Tensor mask = mask(layer, piece, end);
        // [keyValueHeads, sharing · rows, headDim]
        Tensor queries =
                Tensors.cast(q.narrow(0, starts[index], rows), ScalarType.Float)
                        .view(rows, shape.keyValueHeads(), sharing, shape.headDim())
                        .permute(1, 2, 0, 3)
                        .reshape(shape.keyValueHeads(), sharing * rows, shape.headDim());
        Tensor target =
                out.narrow(0, starts[index], rows)
                        .view(rows, shape.keyValueHeads(), sharing, shape.headDim());
        for (int head = 0; head < shape.keyValueHeads(); head++) {
            Tensor scores = torch.matmul(queries.select(0, head), keys(layer, piece, head, end));
            Tensor weights = torch.softmax(scaled(scores).view(sharing, rows, end).add_(mask), -1);
            Tensor mixed =
                    torch.matmul(
                            weights.view(sharing * rows, end), values(layer, piece, head, end));
            target.select(1, head)
                    .copy_(mixed.view(sharing, rows, shape.headDim()).transpose(0, 1));
        }
    }

    private Tensor scaled(Tensor products) {
        double scale = config.attention().scale();
        double cap = config.attention().softCap();
        if (cap == 0) {
            return products.mul_(new Scalar(scale));
        }
        return torch.tanh(products.mul_(new Scalar(scale / cap))).mul_(new Scalar(cap));
    }

    /// `[rows, end]`, minus infinity for what a row does not see.
    private Tensor mask(int layer, Piece piece, int end) {
        float[] mask = new float[piece.length() * end];
        for (int t = 0; t < piece.length(); t++) {
            int position = piece.start() + t;
            int row = t * end;
            Arrays.fill(mask, row, row + firstVisible(layer, position), Float.NEGATIVE_INFINITY);
            Arrays.fill(mask, row + position + 1, row + end, Float.NEGATIVE_INFINITY);
        }
        return Tensors.floatsOnHost(mask, piece.length(), end);
    }

    /// `[headDim, end]`.
    private Tensor keys(int layer, Piece piece, int head, int end) {
        int dim = config.attention().headDim();
        Tensor keys = Tensors.empty(ScalarType.Float, dim, end);
        MemorySegment target = Tensors.memory(keys);
        for (int p = 0; p < end; p += PagedCache.PAGE) {
            long from = cache.keysAt(layer, head);
            for (int d = 0; d < dim; d++) {
                copy(
                        piece.sequence().page(p).memory(),
                        from + (long) d * PagedCache.PAGE,
                        target,
                        (long) d * end + p,
                        Math.min(PagedCache.PAGE, end - p));
            }
        }
        return keys;
    }

    /// `[end, headDim]`.
    private Tensor values(int layer, Piece piece, int head, int end) {
        int dim = config.attention().headDim();
        Tensor values = Tensors.empty(ScalarType.Float, end, dim);
        MemorySegment target = Tensors.memory(values);
        for (int p = 0; p < end; p += PagedCache.PAGE) {
            copy(
                    piece.sequence().page(p).memory(),
                    cache.valuesAt(layer, head),
                    target,
                    (long) p * dim,
                    Math.min(PagedCache.PAGE, end - p) * dim);
        }
        return values;
    }

    private static void copy(MemorySegment from, long at, MemorySegment to, long toAt, int count) {
        MemorySegment.copy(
                from,
                ValueLayout.JAVA_FLOAT,
                at * Float.BYTES,
                to,
                ValueLayout.JAVA_FLOAT,
                toAt * Float.BYTES,
                count);
    }
}
