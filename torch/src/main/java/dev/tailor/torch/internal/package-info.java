/// The facade over libtorch and everything that works on native tensors.
@NullMarked
package dev.tailor.torch.internal;

import org.jspecify.annotations.NullMarked;
