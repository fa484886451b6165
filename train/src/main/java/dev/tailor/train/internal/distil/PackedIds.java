package dev.tailor.train.internal.distil;

/// Whole numbers of a few bits each, the lowest bit of the first number in the lowest bit of the
/// first byte.
final class PackedIds {
    private PackedIds() {}

    /// The bits that each of the numbers below `bound` fits into, at least 1.
    static int bits(int bound) {
        return Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(bound - 1));
    }

    /// Bytes of so many numbers.
    static long bytes(long count, int bits) {
        return (count * bits + 7) / 8;
    }

    static void pack(int[] numbers, int bits, byte[] into, int at) {
        long held = 0;
        int filled = 0;
        int next = at;
        for (int number : numbers) {
            held |= (long) number << filled;
            filled += bits;
            for (; filled >= 8; filled -= 8) {
                into[next++] = (byte) held;
                held >>>= 8;
            }
        }
        if (filled > 0) {
            into[next] = (byte) held;
        }
    }

    static int[] unpack(byte[] from, int at, int count, int bits) {
        int[] numbers = new int[count];
        long held = 0;
        int filled = 0;
        int next = at;
        for (int i = 0; i < count; i++) {
            for (; filled < bits; filled += 8) {
                held |= (from[next++] & 0xFFL) << filled;
            }
            numbers[i] = (int) (held & (1L << bits) - 1);
            held >>>= bits;
            filled -= bits;
        }
        return numbers;
    }
}
