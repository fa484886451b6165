package dev.tailor.core;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32;

/// CRC-32 (that of gzip and PNG) of bytes that are seen in pieces and in any order: the checksum of
/// a whole follows from those of its parts.
///
/// @param value the checksum
/// @param length of how many bytes
public record Crc32(int value, long length) {
    /// The checksum of nothing.
    public static final Crc32 EMPTY = new Crc32(0, 0);

    private static final int POLYNOMIAL = 0xEDB8_8320;
    private static final long MOST_AT_ONCE = 1 << 26;

    /// The checksum of a segment's bytes.
    public static Crc32 of(MemorySegment bytes) {
        CRC32 crc = new CRC32();
        for (long done = 0; done < bytes.byteSize(); done += MOST_AT_ONCE) {
            MemorySegment piece =
                    bytes.asSlice(done, Math.min(MOST_AT_ONCE, bytes.byteSize() - done));
            if (bytes.isNative() || bytes.heapBase().orElseThrow() instanceof byte[]) {
                crc.update(piece.asByteBuffer());
            } else {
                crc.update(piece.toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return new Crc32((int) crc.getValue(), bytes.byteSize());
    }

    /// The checksum of these bytes with those of `next` after them.
    public Crc32 then(Crc32 next) {
        if (next.length == 0) {
            return this;
        }
        return new Crc32(multiply(value, power(next.length)) ^ next.value, length + next.length);
    }

    /// As eight hexadecimal digits.
    @Override
    public String toString() {
        return "%08x".formatted(value);
    }

    // A checksum is a polynomial over two elements, the highest power in the lowest bit; bytes that
    // follow multiply it by x^8 each, modulo the polynomial of the code.

    /// x to the power of `8 * bytes`.
    private static int power(long bytes) {
        int result = 1 << 31;
        int square = 1 << 23;
        for (long n = bytes; n > 0; n >>>= 1) {
            if ((n & 1) == 1) {
                result = multiply(result, square);
            }
            square = multiply(square, square);
        }
        return result;
    }

    private static int multiply(int a, int b) {
        int product = 0;
        int factor = b;
        for (int bit = 31; bit >= 0; bit--) {
            product ^= factor & -(a >>> bit & 1);
            factor = factor >>> 1 ^ POLYNOMIAL & -(factor & 1);
        }
        return product;
    }
}
