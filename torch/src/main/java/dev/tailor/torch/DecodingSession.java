package dev.tailor.torch;

import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.adapter.ServedAdapters;
import dev.tailor.torch.internal.nn.Decoder;
import dev.tailor.torch.internal.nn.PagedCache;
import dev.tailor.torch.internal.nn.Piece;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Sequences that one model continues side by side, step by step; they come and go at any time. A
/// sequence's logits are those it would have alone, up to rounding. Not for use by several threads
/// at once.
public final class DecodingSession implements AutoCloseable {
    private final CausalModel model;
    private final Decoder decoder;
    private final PagedCache cache;
    private final ServedAdapters adapters;

    /// A session with room for so many tokens in all; memory is taken when it is needed.
    public DecodingSession(CausalModel model, int tokens) {
        this.model = model;
        this.decoder = model.decoder();
        model.requireNoAdapter();
        this.cache = new PagedCache(model.config(), tokens);
        this.adapters = new ServedAdapters(model.host());
    }

    /// A sequence with nothing in it, for the model without an adapter.
    public CachedSequence open() {
        return open(0);
    }

    /// A sequence with nothing in it.
    ///
    /// @param adapter the number of [#addAdapter], or 0 for none
    public CachedSequence open(int adapter) {
        return new CachedSequence(cache.open(adapter), adapter);
    }

    /// Reads an adapter from a PEFT directory, for sequences that name its number. Sequences of any
    /// number of adapters run in one step.
    ///
    /// @throws dev.tailor.core.TailorException MODEL_INVALID when it does not fit this model, or is
    ///   more than low-rank matrices beside linear layers
    public int addAdapter(Path peftDirectory) {
        return adapters.add(peftDirectory);
    }

    /// Tokens for which there is room in all.
    public int room() {
        return cache.positions();
    }

    /// Tokens for which room is taken now.
    public int roomInUse() {
        return cache.positionsInUse();
    }

    /// Whether a sequence that has grown to this length must be cleared and run again from its
    /// first token on (LongRoPE).
    public boolean needsRestart(int length) {
        return decoder.needsRefill(length);
    }

    /// Runs every piece, and shows the logits that are wanted to `reader`.
    public void step(List<SequencePiece> pieces, LogitReader reader) {
        pieces.forEach(piece -> check(piece.tokens()));
        int[] order =
                IntStream.range(0, pieces.size())
                        .boxed()
                        .sorted(
                                Comparator.comparing((Integer i) ->
                                                pieces.get(i).sequence().length() > 0)
                                        .thenComparing(i -> pieces.get(i).sequence().adapter()))
                        .mapToInt(Integer::intValue)
                        .toArray();
        decoder.step(
                IntStream.of(order).mapToObj(i -> piece(pieces.get(i))).toList(),
                cache,
                (piece, position, logits) -> reader.at(order[piece], position, logits));
    }

    /// The mean of the last hidden states over each of some sequences, `hidden` values each.
    ///
    /// @param adapter the number of [#addAdapter], or 0 for none
    public List<float[]> means(int adapter, List<int[]> sequences) {
        sequences.forEach(this::check);
        PackedBatch packed = PackedBatch.nextToken(sequences);
        return Scoped.call(() -> decoder.means(packed, adapter));
    }

    private void check(int[] tokens) {
        for (int token : tokens) {
            if (token < 0 || token >= model.config().vocabularySize()) {
                throw model.unknownToken(token);
            }
        }
    }

    private static Piece piece(SequencePiece piece) {
        return new Piece(
                piece.sequence().place(),
                piece.tokens(),
                piece.reach(),
                piece.wantedFrom(),
                piece.sequence().adapter());
    }

    @Override
    public void close() {
        adapters.close();
        cache.close();
    }
}
