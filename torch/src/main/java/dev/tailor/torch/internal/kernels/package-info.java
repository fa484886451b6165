/// Arithmetic on rows of floats with the Vector API, where libtorch would make several passes.
@NullMarked
package dev.tailor.torch.internal.kernels;

import org.jspecify.annotations.NullMarked;
