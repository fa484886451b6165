/// The optimiser's state, its update rule and its file.
@NullMarked
package dev.tailor.torch.internal.optimiser;

import org.jspecify.annotations.NullMarked;
