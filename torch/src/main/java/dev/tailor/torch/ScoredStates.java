package dev.tailor.torch;

import java.util.Optional;

/// What a model has made of a batch, with no way back: enough to have the logits of its scored
/// positions, a few hundred rows at a time. Close it to free that.
public interface ScoredStates extends AutoCloseable {
    /// The number of scored positions.
    int count();

    /// A hidden state that was asked for, at the scored positions: `scored × hidden` values.
    float[] hidden(int index);

    /// Shows the logits of every scored position to `reader`, beside those of a teacher that has
    /// read the same batch.
    void read(Optional<ScoredStates> teacher, LogitLoss reader);

    @Override
    void close();
}
