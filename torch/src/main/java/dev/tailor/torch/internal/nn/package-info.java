/// The decoder: values on a tape, operations with hand-written derivatives, layers, the output
/// head.
@NullMarked
package dev.tailor.torch.internal.nn;

import org.jspecify.annotations.NullMarked;
