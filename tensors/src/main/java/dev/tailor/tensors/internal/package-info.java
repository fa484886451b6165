/// How tensors are laid out in files, and the kernels that convert them.
@NullMarked
package dev.tailor.tensors.internal;

import org.jspecify.annotations.NullMarked;
