package dev.tailor.tensors.internal.nf4;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One number at a time, with the arithmetic of bitsandbytes' own CPU kernels: numbers are
/// multiplied by the inverse of the magnitude, in single precision.
public final class ScalarNf4 implements Nf4Kernels {
    /// Keeps the inverse of a block of zeros finite, with bitsandbytes' value.
    private static final float TINY = 1e-38f;

    private static final float[] MIDDLES = Codebook.middles();

    @Override
    public void encode(
            float[] source, int blocks, float[] absmax, MemorySegment codes, long offset) {
        for (int block = 0; block < blocks; block++) {
            int from = block * BLOCK;
            float largest = 0;
            for (int i = from; i < from + BLOCK; i++) {
                largest = Math.max(largest, Math.abs(source[i]));
            }
            absmax[block] = largest;
            float inverse = inverse(largest);
            long place = offset + (long) block * BLOCK_BYTES;
            for (int i = 0; i < BLOCK; i += 2) {
                int high = code(source[from + i] * inverse);
                int low = code(source[from + i + 1] * inverse);
                codes.set(ValueLayout.JAVA_BYTE, place + i / 2, (byte) (high << 4 | low));
            }
        }
    }

    static float inverse(float largest) {
        return 1f / Math.max(largest, TINY);
    }

    private static int code(float scaled) {
        int code = 0;
        for (float middle : MIDDLES) {
            code += scaled > middle ? 1 : 0;
        }
        return code;
    }
}
