package dev.tailor.tensors.internal.gguf;

import dev.tailor.core.VectorApi;

import java.lang.foreign.MemorySegment;

/// Block quantisers. Two implementations give the same bytes: [ScalarBlocks], which is the
/// definition, and [VectorBlocks].
public interface BlockKernels {
    /// Quantises `n` numbers (whole blocks of 32) to Q8_0: per block a half `d` = amax / 127 and 32
    /// signed bytes, each `x / d` rounded half away from zero.
    void floatToQ8(float[] source, int at, MemorySegment target, long offset, int n);

    /// The numbers of Q8_0 blocks: `d` times each byte.
    void q8ToFloat(MemorySegment source, long offset, float[] target, int at, int n);

    /// Plain code, fast from the start.
    static BlockKernels scalar() {
        return new ScalarBlocks();
    }

    /// The fastest implementation this virtual machine can run.
    static BlockKernels best() {
        return VectorApi.isAvailable() ? new VectorBlocks() : new ScalarBlocks();
    }
}
