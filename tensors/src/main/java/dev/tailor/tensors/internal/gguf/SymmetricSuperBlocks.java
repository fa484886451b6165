package dev.tailor.tensors.internal.gguf;

import dev.tailor.tensors.internal.ScalarConversions;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Q6_K: 256 numbers in 16 groups of 16, each `d * scale * (quant - 32)`. 128 bytes with the
/// quants' lower four bits, 64 bytes with their upper two, 16 scales of 8 bits, and `d` in half
/// precision. The quants lie in two halves of 128 numbers, each in four quarters of 32: number `i`
/// of quarter `q` has its lower bits in byte `i + 32 (q mod 2)`, in the upper nibble from the third
/// quarter on, and its upper ones at bit `2 q` of byte `i`.
final class SymmetricSuperBlocks implements BlockFormat {
    static final int ELEMENTS = 256;
    private static final int GROUP = 16;
    private static final int GROUPS = ELEMENTS / GROUP;
    private static final int HALF = ELEMENTS / 2;
    private static final int QUARTER = HALF / 4;
    private static final int LEVELS = 32;

    private static final int LOW_BITS = 0;
    private static final int HIGH_BITS = HALF;
    private static final int SCALES = HIGH_BITS + HALF / 2;
    private static final int D = SCALES + GROUPS;
    private static final int BYTES = D + Short.BYTES;

    private static final int LOWEST_SCALE = -128;
    private static final float ALL_ZERO = 1e-15f;

    /// Blocks whose groups are searched side by side.
    private static final int AT_ONCE = 32;

    @Override
    public void encode(float[] source, int at, MemorySegment target, long offset, int n) {
        byte[] bytes = new byte[AT_ONCE * BYTES];
        for (int done = 0; done < n; done += AT_ONCE * ELEMENTS) {
            int size = Math.min(AT_ONCE * ELEMENTS, n - done);
            int blocks = size / ELEMENTS;
            SymmetricSearch found =
                    SymmetricSearch.run(Lanes.of(source, at + done, size, GROUP), LEVELS);
            for (int block = 0; block < blocks; block++) {
                encode(source, at + done + block * ELEMENTS, found, block, bytes);
            }
            long place = offset + (long) (done / ELEMENTS) * BYTES;
            MemorySegment.copy(bytes, 0, target, ScalarConversions.BYTE, place, blocks * BYTES);
        }
    }

    private static void encode(
            float[] source, int from, SymmetricSearch found, int block, byte[] bytes) {
        int group = block * GROUPS;
        int offset = block * BYTES;
        float farthest = 0;
        for (int g = group; g < group + GROUPS; g++) {
            if (Math.abs(found.scale[g]) > Math.abs(farthest)) {
                farthest = found.scale[g];
            }
        }
        Arrays.fill(bytes, offset, offset + BYTES, (byte) 0);
        if (Math.abs(farthest) < ALL_ZERO) {
            return;
        }
        float inverse = LOWEST_SCALE / farthest;
        short d = ScalarConversions.floatToF16(1 / inverse);
        bytes[offset + D] = (byte) d;
        bytes[offset + D + 1] = (byte) (d >> 8);
        int[] quants = new int[ELEMENTS];
        for (int g = 0; g < GROUPS; g++) {
            int scale =
                    (int)
                            Lanes.round(
                                    inverse * found.scale[group + g], LOWEST_SCALE, Byte.MAX_VALUE);
            bytes[offset + SCALES + g] = (byte) scale;
            float step = ScalarConversions.f16ToFloat(d) * scale;
            int first = g * GROUP;
            for (int i = first; i < first + GROUP; i++) {
                float value = source[from + i];
                // Where the scale became 0, what the numbers were before.
                float exact = step == 0 ? found.inverse[group + g] * value : value / step;
                quants[i] = (int) Lanes.round(exact, -LEVELS, LEVELS - 1) + LEVELS;
            }
            if (found.scale[group + g] == 0 && found.inverse[group + g] == 0) {
                Arrays.fill(quants, first, first + GROUP, 0);
            }
        }
        write(quants, bytes, offset);
    }

    private static void write(int[] quants, byte[] bytes, int offset) {
        for (int i = 0; i < ELEMENTS; i++) {
            bytes[offset + LOW_BITS + lowByte(i)] |= (byte) ((quants[i] & 0xF) << lowShift(i));
            bytes[offset + HIGH_BITS + highByte(i)] |= (byte) (quants[i] >> 4 << highShift(i));
        }
    }

    private static int lowByte(int i) {
        return i / HALF * (HALF / 2) + i % (2 * QUARTER);
    }

    private static int lowShift(int i) {
        return i % HALF < HALF / 2 ? 0 : 4;
    }

    private static int highByte(int i) {
        return i / HALF * QUARTER + i % QUARTER;
    }

    private static int highShift(int i) {
        return i % HALF / QUARTER * 2;
    }

    @Override
    public void decode(MemorySegment source, long offset, float[] target, int at, int n) {
        byte[] bytes = new byte[BYTES];
        for (int block = 0; block < n / ELEMENTS; block++) {
            long place = offset + (long) block * BYTES;
            MemorySegment.copy(source, ScalarConversions.BYTE, place, bytes, 0, BYTES);
            float d = AffineSuperBlocks.half(bytes, D);
            int to = at + block * ELEMENTS;
            for (int i = 0; i < ELEMENTS; i++) {
                int low = bytes[LOW_BITS + lowByte(i)] >> lowShift(i) & 0xF;
                int high = bytes[HIGH_BITS + highByte(i)] >> highShift(i) & 3;
                target[to + i] = d * bytes[SCALES + i / GROUP] * ((low | high << 4) - LEVELS);
            }
        }
    }
}
