package dev.tailor.torch.internal.nn;

/// Tokens that a step adds to a sequence.
///
/// @param sequence where they go; no other piece of the step may name it
/// @param tokens at least one
/// @param reach how long the sequence is known to become; frequencies of some rotations follow it
/// @param wantedFrom the first token whose logits are wanted; the number of tokens for none
/// @param adapter the adapter's number, 0 for none
public record Piece(
        PagedCache.Sequence sequence, int[] tokens, int reach, int wantedFrom, int adapter) {
    int length() {
        return tokens.length;
    }

    /// The position of its first token.
    int start() {
        return sequence.length();
    }
}
