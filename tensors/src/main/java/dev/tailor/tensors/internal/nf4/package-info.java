/// 4-bit NormalFloat: codebooks and block kernels.
@NullMarked
package dev.tailor.tensors.internal.nf4;

import org.jspecify.annotations.NullMarked;
