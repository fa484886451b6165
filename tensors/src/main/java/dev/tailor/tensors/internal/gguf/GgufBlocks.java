package dev.tailor.tensors.internal.gguf;

import dev.tailor.tensors.GgmlType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Turns numbers into the stored form of a GGUF tensor and back.
public final class GgufBlocks {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private GgufBlocks() {}

    /// Encodes `count` numbers, a whole number of blocks.
    ///
    /// @param target at least `type.bytes(count)` bytes
    public static void encode(GgmlType type, float[] source, int count, MemorySegment target) {
        switch (type) {
            case F32 -> {
                for (int i = 0; i < count; i++) {
                    target.set(INT, 4L * i, Float.floatToRawIntBits(source[i]));
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    target.set(SHORT, 2L * i, Float.floatToFloat16(source[i]));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    target.set(SHORT, 2L * i, brainFloat(source[i]));
                }
            }
            case Q8_0 -> {
                for (int block = 0; block < count / 32; block++) {
                    Q8Block.encode(source, block * 32, target, block * 34L);
                }
            }
        }
    }

    /// Decodes as many numbers as `target` holds.
    public static void decode(GgmlType type, MemorySegment source, float[] target) {
        switch (type) {
            case F32 -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = Float.intBitsToFloat(source.get(INT, 4L * i));
                }
            }
            case F16 -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = Float.float16ToFloat(source.get(SHORT, 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < target.length; i++) {
                    target[i] = Float.intBitsToFloat(source.get(SHORT, 2L * i) << 16);
                }
            }
            case Q8_0 -> {
                for (int block = 0; block < target.length / 32; block++) {
                    Q8Block.decode(source, block * 34L, target, block * 32);
                }
            }
        }
    }

    /// The upper half of a single, rounded to nearest even; a NaN stays one.
    private static short brainFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }
}
