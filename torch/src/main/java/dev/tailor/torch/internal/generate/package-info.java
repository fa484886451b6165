/// Choosing tokens one after another.
@NullMarked
package dev.tailor.torch.internal.generate;

import org.jspecify.annotations.NullMarked;
