package dev.tailor.torch;

/// Tokens that a step of a [DecodingSession] adds to a sequence. The array is not copied.
///
/// @param sequence where they go, with room for them; no other piece of the step may name it
/// @param tokens at least one
/// @param reach how long the sequence is known to become: its prompt's length, or what it grows to
///   with these tokens. Some rotations follow it
/// @param wantedFrom the first token after which logits are wanted; the number of tokens for none
public record SequencePiece(CachedSequence sequence, int[] tokens, int reach, int wantedFrom) {
    /// Checks that there is a token.
    public SequencePiece {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("a piece without tokens");
        }
    }
}
