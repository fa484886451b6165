package dev.tailor.tensors.internal.gguf;

import static dev.tailor.tensors.internal.gguf.ScalarBlocks.Q8_BYTES;
import static dev.tailor.tensors.internal.gguf.ScalarBlocks.Q8_ELEMENTS;

import dev.tailor.tensors.internal.ScalarConversions;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// A whole vector at a time, with the arithmetic of [ScalarBlocks] in every lane.
public final class VectorBlocks implements BlockKernels {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    /// Bytes of as many lanes exist from 64 bits on; a block must be a whole number of vectors.
    private static final boolean USABLE = FLOATS.vectorBitSize() >= 256 && LANES <= Q8_ELEMENTS;

    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(
                    byte.class, VectorShape.forBitSize(Math.max(64, INTS.vectorBitSize() / 4)));

    private final ScalarBlocks scalar = new ScalarBlocks();

    @Override
    public void floatToQ8(float[] source, int at, MemorySegment target, long offset, int n) {
        if (!USABLE) {
            scalar.floatToQ8(source, at, target, offset, n);
            return;
        }
        for (int block = 0; block < n / Q8_ELEMENTS; block++) {
            int from = at + block * Q8_ELEMENTS;
            FloatVector largest = FloatVector.zero(FLOATS);
            for (int i = 0; i < Q8_ELEMENTS; i += LANES) {
                largest = largest.max(FloatVector.fromArray(FLOATS, source, from + i).abs());
            }
            long place = offset + (long) block * Q8_BYTES;
            float amax = largest.reduceLanes(VectorOperators.MAX);
            float inverse = ScalarBlocks.writeScale(amax, target, place);
            for (int i = 0; i < Q8_ELEMENTS; i += LANES) {
                FloatVector scaled = FloatVector.fromArray(FLOATS, source, from + i).mul(inverse);
                ((ByteVector) roundAwayFromZero(scaled).convertShape(VectorOperators.I2B, BYTES, 0))
                        .intoMemorySegment(
                                target, place + Short.BYTES + i, ByteOrder.LITTLE_ENDIAN);
            }
        }
    }

    private static IntVector roundAwayFromZero(FloatVector values) {
        IntVector whole = (IntVector) values.convertShape(VectorOperators.F2I, INTS, 0);
        FloatVector rest =
                values.sub((FloatVector) whole.convertShape(VectorOperators.I2F, FLOATS, 0));
        return whole.add(1, rest.compare(VectorOperators.GE, 0.5f).cast(INTS))
                .sub(1, rest.compare(VectorOperators.LE, -0.5f).cast(INTS));
    }

    @Override
    public void q8ToFloat(MemorySegment source, long offset, float[] target, int at, int n) {
        if (!USABLE) {
            scalar.q8ToFloat(source, offset, target, at, n);
            return;
        }
        for (int block = 0; block < n / Q8_ELEMENTS; block++) {
            long place = offset + (long) block * Q8_BYTES;
            float d = ScalarConversions.f16ToFloat(source.get(ScalarConversions.SHORT, place));
            for (int i = 0; i < Q8_ELEMENTS; i += LANES) {
                ByteVector quants =
                        ByteVector.fromMemorySegment(
                                BYTES, source, place + Short.BYTES + i, ByteOrder.LITTLE_ENDIAN);
                ((FloatVector) quants.convertShape(VectorOperators.B2F, FLOATS, 0))
                        .mul(d)
                        .intoArray(target, at + block * Q8_ELEMENTS + i);
            }
        }
    }
}
