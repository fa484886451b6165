package dev.tailor.train.internal.loop;

import dev.tailor.torch.ForwardPass;
import dev.tailor.torch.PackedBatch;

/// A forward pass of the model that learns.
@FunctionalInterface
interface Forward {
    /// Runs pass number `pass` of the step.
    ForwardPass run(PackedBatch batch, int pass);
}
