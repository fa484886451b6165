/// The layout of GGUF files and their quantised blocks.
@NullMarked
package dev.tailor.tensors.internal.gguf;

import org.jspecify.annotations.NullMarked;
