/// Tensors at rest: dtypes, safetensors and GGUF readers and writers on memory maps, block
/// quantisers, SIMD kernels.
@NullMarked
package dev.tailor.tensors;

import org.jspecify.annotations.NullMarked;
