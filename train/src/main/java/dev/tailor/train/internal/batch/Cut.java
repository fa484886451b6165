package dev.tailor.train.internal.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Makes sequences fit into rows. A sequence of `n` tokens takes `n - 1` positions, because its
/// last token is only predicted.
final class Cut {
    static final String NOTHING = "nothing in it is to be learnt";

    private Cut() {}

    /// A long sequence in pieces of at most `positions` positions. A piece begins with the token
    /// the one before ended with, so that every token but the very first is predicted once. Pieces
    /// of which nothing is learnt are left out.
    static List<Sequence> pieces(Sequence sequence, int positions) {
        int length = sequence.tokens().length;
        if (length <= positions + 1) {
            return List.of(sequence);
        }
        List<Sequence> pieces = new ArrayList<>();
        for (int start = 0; start + 1 < length; start += positions) {
            int end = Math.min(length, start + positions + 1);
            Sequence piece = sequence.part(start, end);
            if (piece.trainedTokens() > 0) {
                pieces.add(piece);
            }
        }
        return pieces;
    }

    /// One sequence that learns something within `positions` positions, or the reason it does not.
    static Encoded truncated(Sequence sequence, int positions) {
        if (sequence.trainedTokens() == 0) {
            return Encoded.dropped(NOTHING);
        }
        Sequence whole = sequence.withoutTail();
        if (whole.tokens().length <= positions + 1) {
            return Encoded.of(List.of(whole), false);
        }
        Sequence first = whole.first(positions + 1).withoutTail();
        return first.trainedTokens() == 0
                ? Encoded.dropped("what is to be learnt lies beyond the sequence length")
                : Encoded.of(List.of(first), true);
    }

    /// A chosen and a rejected answer, each cut by itself.
    static Encoded pair(Sequence chosen, Sequence rejected, int positions) {
        if (Arrays.equals(chosen.tokens(), rejected.tokens())) {
            return Encoded.dropped("chosen and rejected answer are the same");
        }
        Encoded first = truncated(chosen, positions);
        Encoded second = truncated(rejected, positions);
        if (first.dropped().isPresent() || second.dropped().isPresent()) {
            return Encoded.dropped(first.dropped().or(second::dropped).orElseThrow());
        }
        return Encoded.of(
                List.of(first.sequences().getFirst(), second.sequences().getFirst()),
                first.truncated() || second.truncated());
    }
}
