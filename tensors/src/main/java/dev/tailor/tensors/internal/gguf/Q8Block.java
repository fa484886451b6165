package dev.tailor.tensors.internal.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Blocks of type Q8_0: a half-precision scale `d`, then 32 signed bytes `q`; a weight is `d * q`.
///
/// Byte for byte what ggml's reference quantiser writes: `d = max|x| / 127`, each `x` multiplied by
/// the single-precision `1/d` (not by the rounded half), halves rounded away from zero.
final class Q8Block {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int ELEMENTS = 32;

    private Q8Block() {}

    static void encode(float[] source, int from, MemorySegment target, long position) {
        float largest = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            largest = Math.max(largest, Math.abs(source[from + i]));
        }
        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        target.set(SHORT, position, Float.floatToFloat16(scale));
        for (int i = 0; i < ELEMENTS; i++) {
            target.set(
                    ValueLayout.JAVA_BYTE,
                    position + 2 + i,
                    (byte) roundAwayFromZero(source[from + i] * inverse));
        }
    }

    static void decode(MemorySegment source, long position, float[] target, int to) {
        float scale = Float.float16ToFloat(source.get(SHORT, position));
        for (int i = 0; i < ELEMENTS; i++) {
            target[to + i] = scale * source.get(ValueLayout.JAVA_BYTE, position + 2 + i);
        }
    }

    /// Exact where adding a half and truncating is not: the fraction is split off first.
    private static int roundAwayFromZero(float value) {
        int whole = (int) value;
        float fraction = value - whole;
        if (fraction >= 0.5f) {
            return whole + 1;
        }
        return fraction <= -0.5f ? whole - 1 : whole;
    }
}
