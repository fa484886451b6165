/// Weights between checkpoints and native memory.
@NullMarked
package dev.tailor.torch.internal.weights;

import org.jspecify.annotations.NullMarked;
