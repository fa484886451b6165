package dev.tailor.train.internal.distil;

import dev.tailor.train.distillation.StorePrecision;
import dev.tailor.train.distillation.TopTokens;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The bytes of a sequence's rows before they are compressed: ids in as few bits as the vocabulary
/// needs; log-probabilities, all their lowest bytes first, then the next, so that alike bytes stand
/// together; the masses of the rest in single precision.
record RowCodec(int vocabulary, int top, StorePrecision precision) {
    /// A sequence may not be larger than this.
    static final long MOST_BYTES = 1L << 30;

    private int idBits() {
        return PackedIds.bits(vocabulary);
    }

    private long idBytes(long positions) {
        return PackedIds.bytes(positions * top, idBits());
    }

    /// Bytes of so many positions.
    long bytes(long positions) {
        return idBytes(positions) + positions * top * precision.bytes() + positions * Float.BYTES;
    }

    byte[] encode(TopTokens rows) {
        byte[] bytes = new byte[Math.toIntExact(bytes(rows.positions()))];
        PackedIds.pack(rows.ids(), idBits(), bytes, 0);
        int at = Math.toIntExact(idBytes(rows.positions()));
        int count = rows.logProbs().length;
        for (int i = 0; i < count; i++) {
            int value =
                    switch (precision) {
                        case FLOAT16 -> Float.floatToFloat16(rows.logProbs()[i]);
                        case FLOAT32 -> Float.floatToIntBits(rows.logProbs()[i]);
                    };
            for (int plane = 0; plane < precision.bytes(); plane++) {
                bytes[at + plane * count + i] = (byte) (value >>> 8 * plane);
            }
        }
        rest(bytes, rows.positions()).asFloatBuffer().put(rows.logRest());
        return bytes;
    }

    /// @throws IllegalArgumentException saying what cannot be
    TopTokens decode(byte[] bytes, int positions) {
        int count = positions * top;
        int[] ids = PackedIds.unpack(bytes, 0, count, idBits());
        float[] logProbs = new float[count];
        int at = Math.toIntExact(idBytes(positions));
        for (int i = 0; i < count; i++) {
            int value = 0;
            for (int plane = 0; plane < precision.bytes(); plane++) {
                value |= (bytes[at + plane * count + i] & 0xFF) << 8 * plane;
            }
            logProbs[i] =
                    switch (precision) {
                        case FLOAT16 -> Float.float16ToFloat((short) value);
                        case FLOAT32 -> Float.intBitsToFloat(value);
                    };
        }
        float[] logRest = new float[positions];
        rest(bytes, positions).asFloatBuffer().get(logRest);
        check(ids, logProbs, logRest);
        return new TopTokens(top, ids, logProbs, logRest);
    }

    private static ByteBuffer rest(byte[] bytes, int positions) {
        int length = positions * Float.BYTES;
        return ByteBuffer.wrap(bytes, bytes.length - length, length)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private void check(int[] ids, float[] logProbs, float[] logRest) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] >= vocabulary) {
                throw new IllegalArgumentException(
                        "token %d is outside the vocabulary of %d".formatted(ids[i], vocabulary));
            }
            boolean first = i % top == 0;
            if (!(logProbs[i] <= 0) || !first && logProbs[i] > logProbs[i - 1]) {
                throw new IllegalArgumentException(
                        "a log-probability is above 0, or above the one before it: " + logProbs[i]);
            }
        }
        for (float rest : logRest) {
            if (!(rest < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("the rest's mass is no number: " + rest);
            }
        }
    }
}
