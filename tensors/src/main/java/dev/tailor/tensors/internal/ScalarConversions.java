package dev.tailor.tensors.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// One number at a time: the definition that [VectorConversions] is tested against.
public final class ScalarConversions implements ConversionKernels {
    /// Little-endian, at any address.
    public static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// One byte.
    public static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private static final int INFINITY = 0x7F80_0000;

    /// Elements worked on at once where loops follow each other, so that they stay in the nearest
    /// cache.
    private static final int BLOCK = 1024;

    /// The `float` of a bfloat16's bits.
    public static float bf16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /// The bits of the nearest bfloat16.
    public static short floatToBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7FFF_FFFF) > INFINITY) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }

    /// The `float` of a half's bits.
    public static float f16ToFloat(short bits) {
        return widen(bits << 16 & 0x8000_0000, (bits & 0x7FFF) << 13, 0x1p112f, 0x0F80_0000);
    }

    /// The `float` of an `e5m2`'s bits: the upper byte of a half.
    public static float e5m2ToFloat(byte bits) {
        return f16ToFloat((short) (bits << 8));
    }

    /// The `float` of an `e4m3fn`'s bits.
    public static float e4m3ToFloat(byte bits) {
        // Only all ones is special: below it the widened exponent never reaches the threshold.
        return widen(bits << 24 & 0x8000_0000, (bits & 0x7F) << 20, 0x1p120f, 0x07F0_0000);
    }

    /// `magnitude` holds exponent and mantissa where a `float` has them, with the narrow format's
    /// bias: multiplying by a power of two corrects the bias, for subnormals too. From `special` on
    /// it is infinite or not a number.
    private static float widen(int sign, int magnitude, float scale, int special) {
        int bits =
                magnitude >= special
                        ? magnitude | INFINITY
                        : Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) * scale);
        return Float.intBitsToFloat(sign | bits);
    }

    /// The bits of the nearest half.
    public static short floatToF16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7FFF_FFFF;
        if (magnitude > INFINITY) {
            return (short) (sign | 0x7E00 | magnitude >>> 13 & 0x3FF);
        }
        if (magnitude >= 0x4780_0000) { // 65536
            return (short) (sign | 0x7C00);
        }
        return (short) (sign | narrow(magnitude, 13, 113));
    }

    /// The bits of the nearest `e4m3fn`.
    public static byte floatToE4m3(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 24 & 0x80;
        int magnitude = bits & 0x7FFF_FFFF;
        if (magnitude >= 0x43F0_0000) { // 480, infinities and NaN
            return (byte) (sign | 0x7F);
        }
        return (byte) (sign | narrow(magnitude, 20, 121));
    }

    /// The bits of the nearest `e5m2`.
    public static byte floatToE5m2(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 24 & 0x80;
        int magnitude = bits & 0x7FFF_FFFF;
        if (magnitude > INFINITY) {
            return (byte) (sign | 0x7F);
        }
        if (magnitude >= 0x4780_0000) { // 65536
            return (byte) (sign | 0x7C);
        }
        return (byte) (sign | narrow(magnitude, 21, 113));
    }

    /// Drops `shift` mantissa bits, rounding to nearest even. `minExponent` is the `float` exponent
    /// of the narrow format's smallest normal number; below it, adding a number whose last bit is
    /// worth the smallest subnormal lets the hardware do the rounding.
    private static int narrow(int magnitude, int shift, int minExponent) {
        if (magnitude < minExponent << 23) {
            int magic = minExponent + shift << 23;
            float sum = Float.intBitsToFloat(magnitude) + Float.intBitsToFloat(magic);
            return Float.floatToRawIntBits(sum) - magic;
        }
        int odd = magnitude >>> shift & 1;
        int rebias = minExponent - 1 << 23;
        return magnitude - rebias + (1 << shift - 1) - 1 + odd >>> shift;
    }

    @Override
    public void bf16ToFloat(MemorySegment source, long offset, float[] target, int at, int n) {
        // Loops over arrays are fast long before the best compiler is done with them, those over
        // memory segments are not.
        short[] block = new short[Math.min(BLOCK, n)];
        for (int from = 0; from < n; from += BLOCK) {
            int size = Math.min(BLOCK, n - from);
            MemorySegment.copy(source, SHORT, offset + 2L * from, block, 0, size);
            widen(block, target, at + from, size);
        }
    }

    private static void widen(short[] block, float[] target, int at, int n) {
        for (int i = 0; i < n; i++) {
            target[at + i] = Float.intBitsToFloat(block[i] << 16);
        }
    }

    @Override
    public void f16ToFloat(MemorySegment source, long offset, float[] target, int at, int n) {
        for (int i = 0; i < n; i++) {
            target[at + i] = f16ToFloat(source.get(SHORT, offset + 2L * i));
        }
    }

    @Override
    public void e4m3ToFloat(MemorySegment source, long offset, float[] target, int at, int n) {
        for (int i = 0; i < n; i++) {
            target[at + i] = e4m3ToFloat(source.get(BYTE, offset + i));
        }
    }

    @Override
    public void e5m2ToFloat(MemorySegment source, long offset, float[] target, int at, int n) {
        for (int i = 0; i < n; i++) {
            target[at + i] = e5m2ToFloat(source.get(BYTE, offset + i));
        }
    }

    @Override
    public void floatToBf16(float[] source, int at, MemorySegment target, long offset, int n) {
        // The compiler makes vector code of loops over int, but not of the change from float to
        // its bits, nor of one loop that rounds and narrows.
        int[] block = new int[BLOCK];
        short[] narrow = new short[BLOCK];
        MemorySegment bits = MemorySegment.ofArray(block);
        MemorySegment numbers = MemorySegment.ofArray(source);
        for (int from = 0; from < n; from += BLOCK) {
            int size = Math.min(BLOCK, n - from);
            MemorySegment.copy(numbers, 4L * (at + from), bits, 0, 4L * size);
            roundToBf16(block, size);
            narrow(block, narrow, size);
            MemorySegment.copy(narrow, 0, target, SHORT, offset + 2L * from, size);
        }
    }

    /// Replaces the bits of floats by those of the nearest bfloat16.
    private static void roundToBf16(int[] block, int n) {
        for (int i = 0; i < n; i++) {
            int bits = block[i];
            // All ones, but 0 where it is not a number.
            int isNumber = (bits & 0x7FFF_FFFF) - (INFINITY + 1) >> 31;
            int rounded = bits + 0x7FFF + (bits >>> 16 & 1);
            block[i] = (rounded & isNumber | (bits | 0x40_0000) & ~isNumber) >>> 16;
        }
    }

    private static void narrow(int[] block, short[] target, int n) {
        for (int i = 0; i < n; i++) {
            target[i] = (short) block[i];
        }
    }

    @Override
    public void floatToF16(float[] source, int at, MemorySegment target, long offset, int n) {
        for (int i = 0; i < n; i++) {
            target.set(SHORT, offset + 2L * i, floatToF16(source[at + i]));
        }
    }

    @Override
    public void floatToE4m3(float[] source, int at, MemorySegment target, long offset, int n) {
        for (int i = 0; i < n; i++) {
            target.set(BYTE, offset + i, floatToE4m3(source[at + i]));
        }
    }

    @Override
    public void floatToE5m2(float[] source, int at, MemorySegment target, long offset, int n) {
        for (int i = 0; i < n; i++) {
            target.set(BYTE, offset + i, floatToE5m2(source[at + i]));
        }
    }
}
