package dev.tailor.tensors.internal.gguf;

import dev.tailor.tensors.GgmlType;

import java.lang.foreign.MemorySegment;

/// Turns numbers into the blocks of one quantised type and back. Encoding gives the bytes of ggml's
/// reference (its build without fused multiply-adds): the same operations in the same order, in
/// single precision.
interface BlockFormat {
    /// Encodes `n` numbers from `source[at]` on, a whole number of blocks.
    void encode(float[] source, int at, MemorySegment target, long offset, int n);

    /// Decodes `n` numbers, a whole number of blocks.
    void decode(MemorySegment source, long offset, float[] target, int at, int n);

    /// The format of a type that has blocks.
    static BlockFormat of(GgmlType type) {
        return switch (type) {
            case Q4_0 -> SymmetricBlocks.OF_4_BITS;
            case Q5_0 -> SymmetricBlocks.OF_5_BITS;
            case Q4_1 -> AffineBlocks.OF_4_BITS;
            case Q5_1 -> AffineBlocks.OF_5_BITS;
            case Q4_K -> AffineSuperBlocks.OF_4_BITS;
            case Q5_K -> AffineSuperBlocks.OF_5_BITS;
            case Q6_K -> new SymmetricSuperBlocks();
            case F32, F16, BF16, Q8_0 ->
                    throw new IllegalArgumentException(type + " is no type of small blocks");
        };
    }
}
