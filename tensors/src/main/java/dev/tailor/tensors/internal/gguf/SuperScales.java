package dev.tailor.tensors.internal.gguf;

/// The 8 scales and 8 offsets of a Q4_K or Q5_K block, 6 bits each, in 12 bytes: the first four of
/// either in the lower six bits of bytes 0 to 3 and 4 to 7; the others with their lower four bits
/// in bytes 8 to 11 (scales in the lower nibbles) and their upper two above those of the first.
final class SuperScales {
    static final int GROUPS = 8;
    static final int BYTES = 12;
    static final int HIGHEST = 63;

    private SuperScales() {}

    static void pack(int[] scales, int[] offsets, byte[] into) {
        for (int g = 0; g < 4; g++) {
            into[g] = (byte) (scales[g] | scales[g + 4] >> 4 << 6);
            into[g + 4] = (byte) (offsets[g] | offsets[g + 4] >> 4 << 6);
            into[g + 8] = (byte) (scales[g + 4] & 0xF | (offsets[g + 4] & 0xF) << 4);
        }
    }

    static void unpack(byte[] from, int[] scales, int[] offsets) {
        for (int g = 0; g < 4; g++) {
            scales[g] = from[g] & HIGHEST;
            offsets[g] = from[g + 4] & HIGHEST;
            scales[g + 4] = from[g + 8] & 0xF | (from[g] & 0xC0) >> 2;
            offsets[g + 4] = from[g + 8] >> 4 & 0xF | (from[g + 4] & 0xC0) >> 2;
        }
    }
}
