package dev.tailor.tensors.internal.gguf;

import dev.tailor.tensors.internal.ScalarConversions;

import java.lang.foreign.MemorySegment;

/// One number at a time, with ggml's reference arithmetic: the inverse of the scale is taken from
/// the unrounded scale, in single precision.
public final class ScalarBlocks implements BlockKernels {
    static final int Q8_ELEMENTS = 32;
    static final int Q8_BYTES = 34;

    @Override
    public void floatToQ8(float[] source, int at, MemorySegment target, long offset, int n) {
        for (int block = 0; block < n / Q8_ELEMENTS; block++) {
            int from = at + block * Q8_ELEMENTS;
            float amax = 0;
            for (int i = from; i < from + Q8_ELEMENTS; i++) {
                amax = Math.max(amax, Math.abs(source[i]));
            }
            float inverse = writeScale(amax, target, offset + (long) block * Q8_BYTES);
            long quants = offset + (long) block * Q8_BYTES + Short.BYTES;
            for (int i = 0; i < Q8_ELEMENTS; i++) {
                target.set(
                        ScalarConversions.BYTE,
                        quants + i,
                        (byte) roundAwayFromZero(source[from + i] * inverse));
            }
        }
    }

    /// Writes the block's scale and returns its inverse, 0 for a block of zeros.
    static float writeScale(float amax, MemorySegment target, long offset) {
        float d = amax / 127f;
        target.set(ScalarConversions.SHORT, offset, ScalarConversions.floatToF16(d));
        return d == 0 ? 0 : 1f / d;
    }

    /// C's `roundf`. Adding a half would round 0.49999997 up; the remainder of a truncation is
    /// exact.
    private static int roundAwayFromZero(float value) {
        int whole = (int) value;
        float rest = value - whole;
        return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
    }

    @Override
    public void q8ToFloat(MemorySegment source, long offset, float[] target, int at, int n) {
        for (int i = 0; i < n; i++) {
            long block = offset + (long) (i / Q8_ELEMENTS) * Q8_BYTES;
            float d = ScalarConversions.f16ToFloat(source.get(ScalarConversions.SHORT, block));
            byte q = source.get(ScalarConversions.BYTE, block + Short.BYTES + i % Q8_ELEMENTS);
            target[at + i] = d * q;
        }
    }
}
