package dev.tailor.tensors.internal.gguf;

import dev.tailor.tensors.internal.ScalarConversions;

import java.lang.foreign.MemorySegment;

/// Q4_0 and Q5_0: 32 quants around zero that share a half-precision scale `d`, chosen so that the
/// number of largest magnitude is the lowest quant exactly.
record SymmetricBlocks(Nibbles nibbles) implements BlockFormat {
    static final SymmetricBlocks OF_4_BITS = new SymmetricBlocks(new Nibbles(4));
    static final SymmetricBlocks OF_5_BITS = new SymmetricBlocks(new Nibbles(5));

    private int zero() {
        return 1 << nibbles.bits() - 1;
    }

    private long blockBytes() {
        return Short.BYTES + nibbles.bytes();
    }

    @Override
    public void encode(float[] source, int at, MemorySegment target, long offset, int n) {
        int[] quants = new int[Nibbles.ELEMENTS];
        int highest = 2 * zero() - 1;
        float shift = zero() + 0.5f;
        long place = offset;
        for (int from = at; from < at + n; from += Nibbles.ELEMENTS) {
            float d = farthest(source, from) / -zero();
            float inverse = d == 0 ? 0 : 1 / d;
            target.set(ScalarConversions.SHORT, place, ScalarConversions.floatToF16(d));
            for (int i = 0; i < Nibbles.ELEMENTS; i++) {
                quants[i] = Math.min(highest, (int) (source[from + i] * inverse + shift));
            }
            nibbles.write(quants, target, place + Short.BYTES);
            place += blockBytes();
        }
    }

    /// The first number of largest magnitude.
    private static float farthest(float[] source, int from) {
        float farthest = 0;
        for (int i = from; i < from + Nibbles.ELEMENTS; i++) {
            if (Math.abs(source[i]) > Math.abs(farthest)) {
                farthest = source[i];
            }
        }
        return farthest;
    }

    @Override
    public void decode(MemorySegment source, long offset, float[] target, int at, int n) {
        int[] quants = new int[Nibbles.ELEMENTS];
        long place = offset;
        for (int to = at; to < at + n; to += Nibbles.ELEMENTS) {
            float d = ScalarConversions.f16ToFloat(source.get(ScalarConversions.SHORT, place));
            nibbles.read(source, place + Short.BYTES, quants);
            for (int i = 0; i < Nibbles.ELEMENTS; i++) {
                target[to + i] = (quants[i] - zero()) * d;
            }
            place += blockBytes();
        }
    }
}
