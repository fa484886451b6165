package dev.tailor.tensors.internal.gguf;

import dev.tailor.tensors.internal.ScalarConversions;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Q4_K and Q5_K: 256 numbers in 8 groups of 32, each `d * scale * quant - dmin * offset`, with `d`
/// and `dmin` in half precision, then [SuperScales], then (5 bits) 32 bytes with the fifth bits and
/// 128 bytes with the lower four: of each 64 numbers, the first 32 in the lower nibbles. Of the
/// fifth bits, bit `g` of byte `i` belongs to number `i` of group `g`.
///
/// @param bits 4 or 5
/// @param first levels below (negative) the highest that the first trial scale gives
/// @param trials how many scales are tried
record AffineSuperBlocks(int bits, float first, int trials) implements BlockFormat {
    static final AffineSuperBlocks OF_4_BITS = new AffineSuperBlocks(4, -1, 21);
    static final AffineSuperBlocks OF_5_BITS = new AffineSuperBlocks(5, -0.5f, 16);

    static final int ELEMENTS = 256;
    private static final int GROUP = 32;
    private static final int GROUPS = SuperScales.GROUPS;

    /// Blocks whose groups are searched side by side.
    private static final int AT_ONCE = 32;

    private int highest() {
        return (1 << bits) - 1;
    }

    private int blockBytes() {
        return 2 * Short.BYTES + SuperScales.BYTES + ELEMENTS / 2 + (bits == 5 ? GROUP : 0);
    }

    @Override
    public void encode(float[] source, int at, MemorySegment target, long offset, int n) {
        byte[] bytes = new byte[AT_ONCE * blockBytes()];
        for (int done = 0; done < n; done += AT_ONCE * ELEMENTS) {
            int size = Math.min(AT_ONCE * ELEMENTS, n - done);
            int blocks = size / ELEMENTS;
            AffineSearch found = search(source, at + done, size);
            for (int block = 0; block < blocks; block++) {
                encode(source, at + done + block * ELEMENTS, found, block, bytes);
            }
            long place = offset + (long) (done / ELEMENTS) * blockBytes();
            MemorySegment.copy(
                    bytes, 0, target, ScalarConversions.BYTE, place, blocks * blockBytes());
        }
    }

    private AffineSearch search(float[] source, int at, int n) {
        Lanes lanes = Lanes.of(source, at, n, GROUP);
        int groups = lanes.groups();
        float[][] weights = new float[GROUP][groups];
        float[] mean = new float[groups];
        for (float[] x : lanes.x()) {
            addSquares(x, mean);
        }
        for (int g = 0; g < groups; g++) {
            mean[g] = (float) Math.sqrt(mean[g] / GROUP);
        }
        for (int i = 0; i < GROUP; i++) {
            weigh(lanes.x()[i], mean, weights[i]);
        }
        return AffineSearch.run(lanes, weights, highest(), first, trials);
    }

    private static void addSquares(float[] x, float[] sums) {
        for (int g = 0; g < sums.length; g++) {
            sums[g] += x[g] * x[g];
        }
    }

    private static void weigh(float[] x, float[] mean, float[] weights) {
        for (int g = 0; g < mean.length; g++) {
            weights[g] = mean[g] + Math.abs(x[g]);
        }
    }

    private void encode(float[] source, int from, AffineSearch found, int block, byte[] bytes) {
        int group = block * GROUPS;
        float largestScale = 0;
        float largestOffset = 0;
        for (int g = 0; g < GROUPS; g++) {
            largestScale = Math.max(largestScale, found.scale[group + g]);
            largestOffset = Math.max(largestOffset, -found.offset[group + g]);
        }
        short d = ScalarConversions.floatToF16(largestScale / SuperScales.HIGHEST);
        short dmin = ScalarConversions.floatToF16(largestOffset / SuperScales.HIGHEST);
        int[] scales = new int[GROUPS];
        int[] offsets = new int[GROUPS];
        for (int g = 0; g < GROUPS; g++) {
            scales[g] = sixBits(found.scale[group + g], largestScale);
            offsets[g] = sixBits(-found.offset[group + g], largestOffset);
        }
        int[] quants = new int[ELEMENTS];
        for (int g = 0; g < GROUPS; g++) {
            float scale = ScalarConversions.f16ToFloat(d) * scales[g];
            float low = ScalarConversions.f16ToFloat(dmin) * offsets[g];
            int first = g * GROUP;
            if (scale == 0) {
                // What the numbers were before their scale became 0.
                float inverse = found.inverse[group + g];
                float shift = found.offsetOfQuants[group + g];
                for (int i = first; i < first + GROUP; i++) {
                    quants[i] =
                            (int) Lanes.round(inverse * (source[from + i] - shift), 0, highest());
                }
            } else {
                for (int i = first; i < first + GROUP; i++) {
                    quants[i] = (int) Lanes.round((source[from + i] + low) / scale, 0, highest());
                }
            }
        }
        write(d, dmin, scales, offsets, quants, bytes, block * blockBytes());
    }

    private static int sixBits(float value, float largest) {
        float inverse = largest > 0 ? SuperScales.HIGHEST / largest : 0;
        return (int) Lanes.round(inverse * value, 0, SuperScales.HIGHEST);
    }

    private void write(
            short d,
            short dmin,
            int[] scales,
            int[] offsets,
            int[] quants,
            byte[] bytes,
            int offset) {
        bytes[offset] = (byte) d;
        bytes[offset + 1] = (byte) (d >> 8);
        bytes[offset + 2] = (byte) dmin;
        bytes[offset + 3] = (byte) (dmin >> 8);
        byte[] packed = new byte[SuperScales.BYTES];
        SuperScales.pack(scales, offsets, packed);
        System.arraycopy(packed, 0, bytes, offset + 4, packed.length);
        int place = offset + 4 + packed.length;
        if (bits == 5) {
            Arrays.fill(bytes, place, place + GROUP, (byte) 0);
            for (int i = 0; i < ELEMENTS; i++) {
                bytes[place + i % GROUP] |= (byte) (quants[i] >> 4 << i / GROUP);
            }
            place += GROUP;
        }
        for (int pair = 0; pair < ELEMENTS; pair += 2 * GROUP) {
            for (int i = pair; i < pair + GROUP; i++) {
                bytes[place++] = (byte) (quants[i] & 0xF | (quants[i + GROUP] & 0xF) << 4);
            }
        }
    }

    @Override
    public void decode(MemorySegment source, long offset, float[] target, int at, int n) {
        byte[] bytes = new byte[blockBytes()];
        byte[] packed = new byte[SuperScales.BYTES];
        int[] scales = new int[GROUPS];
        int[] offsets = new int[GROUPS];
        for (int block = 0; block < n / ELEMENTS; block++) {
            long place = offset + (long) block * bytes.length;
            MemorySegment.copy(source, ScalarConversions.BYTE, place, bytes, 0, bytes.length);
            float d = half(bytes, 0);
            float dmin = half(bytes, 2);
            System.arraycopy(bytes, 4, packed, 0, packed.length);
            SuperScales.unpack(packed, scales, offsets);
            int to = at + block * ELEMENTS;
            for (int g = 0; g < GROUPS; g++) {
                float scale = d * scales[g];
                float low = dmin * offsets[g];
                for (int i = 0; i < GROUP; i++) {
                    target[to + g * GROUP + i] = scale * quant(bytes, g, i) - low;
                }
            }
        }
    }

    private int quant(byte[] bytes, int group, int i) {
        int fifth = 4 + SuperScales.BYTES;
        int nibbles = bits == 5 ? fifth + GROUP : fifth;
        int low = bytes[nibbles + group / 2 * GROUP + i] >> 4 * (group % 2) & 0xF;
        return bits == 5 ? low | (bytes[fifth + i] >> group & 1) << 4 : low;
    }

    static float half(byte[] bytes, int at) {
        return ScalarConversions.f16ToFloat((short) (bytes[at] & 0xFF | bytes[at + 1] << 8));
    }
}
