package dev.tailor.tensors.internal.nf4;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A whole vector at a time, with the arithmetic of [ScalarNf4] in every lane. A vector holds the
/// codebook in one register (16 lanes) or in two (8 lanes).
public final class VectorNf4 implements Nf4Kernels {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    /// Codes in an int.
    private static final int CODES = 8;

    private static final int CODEBOOK = 16;

    /// Eight codes as they lie in memory: the first in the highest bits.
    private static final ValueLayout.OfInt EIGHT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final float[] MIDDLES = Codebook.middles();

    private final FloatVector low = FloatVector.fromArray(FLOATS, Codebook.values(), 0);
    private final FloatVector high =
            FloatVector.fromArray(FLOATS, Codebook.values(), CODEBOOK - LANES);
    private final IntVector shifts =
            IntVector.broadcast(INTS, 28)
                    .sub(IntVector.broadcast(INTS, 0).addIndex(1).and(CODES - 1).mul(4));
    private final VectorMask<Integer> upper =
            IntVector.broadcast(INTS, 0).addIndex(1).compare(VectorOperators.GE, CODES);

    private VectorNf4() {}

    /// This implementation where vectors hold half the codebook or all of it, else plain code.
    static Nf4Kernels ifUsable() {
        return LANES == CODES || LANES == CODEBOOK ? new VectorNf4() : new ScalarNf4();
    }

    @Override
    public void encode(
            float[] source, int blocks, float[] absmax, MemorySegment codes, long offset) {
        int[] found = new int[BLOCK];
        for (int block = 0; block < blocks; block++) {
            int from = block * BLOCK;
            FloatVector largest = FloatVector.zero(FLOATS);
            for (int i = 0; i < BLOCK; i += LANES) {
                largest = largest.max(FloatVector.fromArray(FLOATS, source, from + i).abs());
            }
            absmax[block] = largest.reduceLanes(VectorOperators.MAX);
            float inverse = ScalarNf4.inverse(absmax[block]);
            for (int i = 0; i < BLOCK; i += LANES) {
                codes(FloatVector.fromArray(FLOATS, source, from + i).mul(inverse))
                        .intoArray(found, i);
            }
            long place = offset + (long) block * BLOCK_BYTES;
            for (int i = 0; i < BLOCK_BYTES; i++) {
                codes.set(
                        ValueLayout.JAVA_BYTE,
                        place + i,
                        (byte) (found[2 * i] << 4 | found[2 * i + 1]));
            }
        }
    }

    private static IntVector codes(FloatVector scaled) {
        IntVector code = IntVector.zero(INTS);
        for (float middle : MIDDLES) {
            code = code.add(1, scaled.compare(VectorOperators.GT, middle).cast(INTS));
        }
        return code;
    }

    @Override
    public void decode(
            MemorySegment codes, long offset, int blocks, float[] absmax, float[] target) {
        for (int block = 0; block < blocks; block++) {
            long place = offset + (long) block * BLOCK_BYTES;
            for (int i = 0; i < BLOCK; i += LANES) {
                values(eachCode(codes, place + i / 2))
                        .mul(absmax[block])
                        .intoArray(target, block * BLOCK + i);
            }
        }
    }

    private IntVector eachCode(MemorySegment codes, long place) {
        IntVector packed = IntVector.broadcast(INTS, codes.get(EIGHT, place));
        if (LANES == CODEBOOK) {
            packed = packed.blend(codes.get(EIGHT, place + Integer.BYTES), upper);
        }
        return packed.lanewise(VectorOperators.LSHR, shifts).and(CODEBOOK - 1);
    }

    private FloatVector values(IntVector codes) {
        IntVector lane = codes.and(LANES - 1);
        FloatVector fromLow = low.rearrange(lane.toShuffle().cast(FLOATS));
        if (LANES == CODEBOOK) {
            return fromLow;
        }
        FloatVector fromHigh = high.rearrange(lane.toShuffle().cast(FLOATS));
        return fromLow.blend(fromHigh, codes.compare(VectorOperators.GE, LANES).cast(FLOATS));
    }
}
