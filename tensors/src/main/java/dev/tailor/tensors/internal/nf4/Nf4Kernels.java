package dev.tailor.tensors.internal.nf4;

import dev.tailor.core.VectorApi;

import java.lang.foreign.MemorySegment;

/// Blocks of 64 numbers as 4-bit codes. Two implementations give the same bytes and numbers:
/// [ScalarNf4], which is the definition, and [VectorNf4].
public interface Nf4Kernels {
    /// Numbers of a block.
    int BLOCK = 64;

    /// Bytes of a block's codes.
    int BLOCK_BYTES = BLOCK / 2;

    /// Quantises whole blocks: each is divided by its largest magnitude, which goes to
    /// `absmax[block]`, and each number becomes the nearest of the codebook. The first number of a
    /// byte is in its high half.
    void encode(float[] source, int blocks, float[] absmax, MemorySegment codes, long offset);

    /// The numbers of whole blocks: the codebook's number times the block's magnitude.
    void decode(MemorySegment codes, long offset, int blocks, float[] absmax, float[] target);

    /// Plain code, fast from the start.
    static Nf4Kernels scalar() {
        return new ScalarNf4();
    }

    /// The fastest implementation this virtual machine can run.
    static Nf4Kernels best() {
        return VectorApi.isAvailable() ? VectorNf4.ifUsable() : new ScalarNf4();
    }
}
