package dev.tailor.train.internal.distil;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// Compresses blocks in the zlib format (RFC 1950).
final class Zlib {
    /// No byte of the format stands for more than so many (RFC 1951: 258 of 2 bits).
    private static final long MOST_RATIO = 1032;

    private Zlib() {}

    static byte[] deflate(byte[] bytes) {
        try (Deflater deflater = new Deflater()) {
            deflater.setInput(bytes);
            deflater.finish();
            byte[] out = new byte[64 + bytes.length + bytes.length / 1000];
            int length = 0;
            while (!deflater.finished()) {
                if (length == out.length) {
                    out = Arrays.copyOf(out, 2 * out.length);
                }
                length += deflater.deflate(out, length, out.length - length);
            }
            return Arrays.copyOf(out, length);
        }
    }

    /// The most bytes that a block can hold.
    static long most(long compressed) {
        return compressed * MOST_RATIO;
    }

    /// @throws IllegalArgumentException where the block does not hold exactly so many bytes
    static byte[] inflate(byte[] block, int length) {
        try (Inflater inflater = new Inflater()) {
            inflater.setInput(block);
            byte[] out = new byte[length];
            int filled = 0;
            while (filled < length) {
                int read = inflater.inflate(out, filled, length - filled);
                if (read == 0) {
                    break;
                }
                filled += read;
            }
            if (filled < length || inflater.inflate(new byte[1]) > 0 || !inflater.finished()) {
                throw new IllegalArgumentException("its block does not hold " + length + " bytes");
            }
            return out;
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("its block is no zlib data", e);
        }
    }
}
