package dev.tailor.train.internal.loop;

import dev.tailor.torch.PackedBatch;

/// A pass of which only the log-probabilities of the targets are wanted.
@FunctionalInterface
interface LogProbs {
    /// The log-probability of the target at every position.
    float[] of(PackedBatch batch);
}
