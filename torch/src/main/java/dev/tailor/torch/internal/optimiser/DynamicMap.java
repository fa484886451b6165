package dev.tailor.torch.internal.optimiser;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// The 256 values of dynamic quantisation (Dettmers et al. 2022, section 2.2; Dettmers 2016): seven
/// decades from 1e-7 to 1, each twice as finely divided as the one below. Blocks of 256 values are
/// scaled into [-1, 1] by their largest magnitude.
final class DynamicMap {
    /// Values that share a scale, as in bitsandbytes.
    static final int BLOCK = 256;

    /// For values of either sign.
    static final DynamicMap SIGNED = new DynamicMap(true);

    /// For values from 0 on.
    static final DynamicMap UNSIGNED = new DynamicMap(false);

    private static final int DECADES = 7;

    private final float[] values;

    /// Halfway between a value and the next.
    private final float[] midpoints;

    /// The code of the lowest float whose upper half has these 16 bits.
    private final byte[] lowest = new byte[1 << 16];

    private DynamicMap(boolean signed) {
        values = values(signed);
        midpoints = new float[values.length - 1];
        for (int i = 0; i < midpoints.length; i++) {
            midpoints[i] = (values[i] + values[i + 1]) / 2;
        }
        for (int upper = 0; upper < lowest.length; upper++) {
            boolean negative = upper >= 1 << 15;
            float low = Float.intBitsToFloat(upper << 16 | (negative ? 0xFFFF : 0));
            lowest[upper] = (byte) search(low);
        }
    }

    /// The middles of `2^i` (unsigned: `2^(i+1)`) equal parts of [0.1, 1], times `10^(i-6)`, for i
    /// from 0 to 6; 0 and 1 besides.
    private static float[] values(boolean signed) {
        float[] values = new float[256];
        int count = 0;
        for (int i = 0; i < DECADES; i++) {
            int parts = signed ? 1 << i : 2 << i;
            double decade = Math.pow(10, i - DECADES + 1);
            for (int p = 0; p < parts; p++) {
                double middle = 0.1 + 0.9 * (p + 0.5) / parts;
                values[count++] = (float) (decade * middle);
                if (signed) {
                    values[count++] = (float) (-decade * middle);
                }
            }
        }
        values[count++] = 0;
        values[count] = 1;
        Arrays.sort(values);
        return values;
    }

    private int search(float x) {
        int code = Arrays.binarySearch(midpoints, x);
        return code < 0 ? -code - 1 : code;
    }

    /// The code of the value nearest to `x`; of two equally near ones the lower.
    int code(float x) {
        int code = lowest[Float.floatToRawIntBits(x) >>> 16] & 0xFF;
        while (code < midpoints.length && x > midpoints[code]) {
            code++;
        }
        return code;
    }

    /// The value of a code.
    float value(int code) {
        return values[code];
    }

    /// Writes codes and scales of `n` values that begin at place `start`, a multiple of the block.
    void encode(float[] from, int n, MemorySegment codes, MemorySegment scales, long start) {
        for (int block = 0; block < n; block += BLOCK) {
            int end = Math.min(n, block + BLOCK);
            float largest = 0;
            for (int i = block; i < end; i++) {
                largest = Math.max(largest, Math.abs(from[i]));
            }
            scales.setAtIndex(ValueLayout.JAVA_FLOAT, (start + block) / BLOCK, largest);
            float divisor = largest == 0 ? 1 : largest;
            for (int i = block; i < end; i++) {
                codes.set(ValueLayout.JAVA_BYTE, start + i, (byte) code(from[i] / divisor));
            }
        }
    }

    /// Reads back what [#encode] wrote.
    void decode(MemorySegment codes, MemorySegment scales, long start, float[] into, int n) {
        for (int block = 0; block < n; block += BLOCK) {
            int end = Math.min(n, block + BLOCK);
            float scale = scales.getAtIndex(ValueLayout.JAVA_FLOAT, (start + block) / BLOCK);
            for (int i = block; i < end; i++) {
                into[i] = scale * values[codes.get(ValueLayout.JAVA_BYTE, start + i) & 0xFF];
            }
        }
    }
}
