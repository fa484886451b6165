package dev.tailor.torch;

/// Receives rows of logits while a step computes, several at once on different threads.
@FunctionalInterface
public interface LogitReader {
    /// Called once for every position whose logits are wanted, in no order.
    ///
    /// @param piece the piece's number in the step
    /// @param position the token of the piece after which these logits stand
    /// @param logits a value for each token of the vocabulary; good during the call, and the reader
    ///   may change it
    void at(int piece, int position, float[] logits);
}
