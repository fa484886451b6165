package dev.tailor.tensors.internal.gguf;

import dev.tailor.tensors.internal.ScalarConversions;

import java.lang.foreign.MemorySegment;

/// Quants of 4 or 5 bits in blocks of 32: 16 bytes with the lower four bits, those of the first
/// half in the lower nibbles; before them, where there are 5 bits, 4 bytes with the fifth ones.
///
/// @param bits 4 or 5
record Nibbles(int bits) {
    static final int ELEMENTS = 32;
    private static final int HALF = ELEMENTS / 2;

    /// Bytes that they take.
    int bytes() {
        return bits == 5 ? Integer.BYTES + HALF : HALF;
    }

    /// Writes 32 quants.
    void write(int[] quants, MemorySegment target, long offset) {
        long nibbles = offset;
        if (bits == 5) {
            int fifth = 0;
            for (int i = 0; i < ELEMENTS; i++) {
                fifth |= (quants[i] >> 4 & 1) << i;
            }
            for (int i = 0; i < Integer.BYTES; i++) {
                target.set(ScalarConversions.BYTE, offset + i, (byte) (fifth >>> 8 * i));
            }
            nibbles += Integer.BYTES;
        }
        for (int i = 0; i < HALF; i++) {
            int both = quants[i] & 0xF | (quants[HALF + i] & 0xF) << 4;
            target.set(ScalarConversions.BYTE, nibbles + i, (byte) both);
        }
    }

    /// Reads 32 quants.
    void read(MemorySegment source, long offset, int[] quants) {
        int fifth = 0;
        long nibbles = offset;
        if (bits == 5) {
            for (int i = 0; i < Integer.BYTES; i++) {
                fifth |= (source.get(ScalarConversions.BYTE, offset + i) & 0xFF) << 8 * i;
            }
            nibbles += Integer.BYTES;
        }
        for (int i = 0; i < HALF; i++) {
            int both = source.get(ScalarConversions.BYTE, nibbles + i) & 0xFF;
            quants[i] = both & 0xF | (fifth >>> i & 1) << 4;
            quants[HALF + i] = both >> 4 | (fifth >>> HALF + i & 1) << 4;
        }
    }
}
