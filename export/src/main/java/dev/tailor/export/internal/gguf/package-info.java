/// A Llama-family model as GGUF metadata and tensors.
@NullMarked
package dev.tailor.export.internal.gguf;

import org.jspecify.annotations.NullMarked;
