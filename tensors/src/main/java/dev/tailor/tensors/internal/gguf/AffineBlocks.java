package dev.tailor.tensors.internal.gguf;

import dev.tailor.tensors.internal.ScalarConversions;

import java.lang.foreign.MemorySegment;

/// Q4_1 and Q5_1: 32 quants from 0 on that share a half-precision scale `d` and the lowest number
/// `m`.
record AffineBlocks(Nibbles nibbles) implements BlockFormat {
    static final AffineBlocks OF_4_BITS = new AffineBlocks(new Nibbles(4));
    static final AffineBlocks OF_5_BITS = new AffineBlocks(new Nibbles(5));

    private static final int SCALES = 2 * Short.BYTES;

    private int highest() {
        return (1 << nibbles.bits()) - 1;
    }

    private long blockBytes() {
        return SCALES + nibbles.bytes();
    }

    @Override
    public void encode(float[] source, int at, MemorySegment target, long offset, int n) {
        int[] quants = new int[Nibbles.ELEMENTS];
        long place = offset;
        for (int from = at; from < at + n; from += Nibbles.ELEMENTS) {
            float low = Float.POSITIVE_INFINITY;
            float high = Float.NEGATIVE_INFINITY;
            for (int i = from; i < from + Nibbles.ELEMENTS; i++) {
                low = Math.min(low, source[i]);
                high = Math.max(high, source[i]);
            }
            float d = (high - low) / highest();
            float inverse = d == 0 ? 0 : 1 / d;
            target.set(ScalarConversions.SHORT, place, ScalarConversions.floatToF16(d));
            target.set(
                    ScalarConversions.SHORT,
                    place + Short.BYTES,
                    ScalarConversions.floatToF16(low));
            for (int i = 0; i < Nibbles.ELEMENTS; i++) {
                int quant = (int) ((source[from + i] - low) * inverse + 0.5f);
                quants[i] = Math.min(highest(), quant);
            }
            nibbles.write(quants, target, place + SCALES);
            place += blockBytes();
        }
    }

    @Override
    public void decode(MemorySegment source, long offset, float[] target, int at, int n) {
        int[] quants = new int[Nibbles.ELEMENTS];
        long place = offset;
        for (int to = at; to < at + n; to += Nibbles.ELEMENTS) {
            float d = ScalarConversions.f16ToFloat(source.get(ScalarConversions.SHORT, place));
            float m =
                    ScalarConversions.f16ToFloat(
                            source.get(ScalarConversions.SHORT, place + Short.BYTES));
            nibbles.read(source, place + SCALES, quants);
            for (int i = 0; i < Nibbles.ELEMENTS; i++) {
                target[to + i] = quants[i] * d + m;
            }
            place += blockBytes();
        }
    }
}
