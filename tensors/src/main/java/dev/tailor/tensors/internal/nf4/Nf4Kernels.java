package dev.tailor.tensors.internal.nf4;

import dev.tailor.core.VectorApi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Blocks of 64 numbers as 4-bit codes. Two implementations of the quantiser give the same bytes:
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

    /// The numbers of whole blocks: the codebook's number times the block's magnitude. Sixteen
    /// products a block, and then a look-up for each number, which is as fast as vectors are.
    static void decode(
            MemorySegment codes, long offset, int blocks, float[] absmax, float[] target) {
        float[] values = Codebook.values();
        float[] scaled = new float[values.length];
        for (int block = 0; block < blocks; block++) {
            for (int c = 0; c < scaled.length; c++) {
                scaled[c] = values[c] * absmax[block];
            }
            long place = offset + (long) block * BLOCK_BYTES;
            int at = block * BLOCK;
            for (int i = 0; i < BLOCK_BYTES; i++) {
                int pair = codes.get(ValueLayout.JAVA_BYTE, place + i) & 0xFF;
                target[at + 2 * i] = scaled[pair >>> 4];
                target[at + 2 * i + 1] = scaled[pair & 15];
            }
        }
    }

    /// Plain code, fast from the start.
    static Nf4Kernels scalar() {
        return new ScalarNf4();
    }

    /// The fastest implementation this virtual machine can run.
    static Nf4Kernels best() {
        return VectorApi.isAvailable() ? new VectorNf4() : new ScalarNf4();
    }
}
