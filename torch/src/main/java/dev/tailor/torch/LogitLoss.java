package dev.tailor.torch;

/// A loss of whole rows of logits.
@FunctionalInterface
public interface LogitLoss {
    /// Reads the logits of a scored position; on a way back, replaces them by the derivative of the
    /// loss with respect to each. Called once for every scored position, by several threads: what
    /// it does at one position must not depend on others.
    ///
    /// @param position its index in the batch
    /// @param logits of the model; the array is used again for other positions
    /// @param teacher of the teacher at the same position, empty without one; used again too
    void at(int position, float[] logits, float[] teacher);
}
