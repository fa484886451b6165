package dev.tailor.tensors.internal.nf4;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A whole vector at a time, with the arithmetic of [ScalarNf4] in every lane.
public final class VectorNf4 implements Nf4Kernels {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    private static final float[] MIDDLES = Codebook.middles();

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
}
