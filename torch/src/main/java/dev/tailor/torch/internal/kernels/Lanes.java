package dev.tailor.torch.internal.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Reads and writes a register full of bfloat16 in native memory as floats. Writing rounds to the
/// nearest, ties to even; a NaN stays one.
final class Lanes {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final int COUNT = FLOATS.length();

    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    /// As many shorts as there are floats in a register.
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    /// Set in a NaN so that the rounding addition cannot carry into its exponent.
    private static final int QUIET = 0x400000;

    private Lanes() {}

    static FloatVector load(MemorySegment memory, long element) {
        IntVector bits =
                (IntVector)
                        ShortVector.fromMemorySegment(SHORTS, memory, element * 2, ORDER)
                                .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
        return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    static void store(FloatVector value, MemorySegment memory, long element) {
        IntVector bits = value.reinterpretAsInts();
        IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        IntVector rounded =
                bits.add(odd)
                        .add(0x7FFF)
                        .blend(bits.or(QUIET), value.test(VectorOperators.IS_NAN).cast(INTS));
        rounded.lanewise(VectorOperators.LSHR, 16)
                .convertShape(VectorOperators.I2S, SHORTS, 0)
                .reinterpretAsShorts()
                .intoMemorySegment(memory, element * 2, ORDER);
    }

    static float get(MemorySegment memory, long element) {
        return Float.intBitsToFloat(memory.get(SHORT, element * 2) << 16);
    }

    static void set(float value, MemorySegment memory, long element) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = Float.isNaN(value) ? bits | QUIET : bits + ((bits >>> 16) & 1) + 0x7FFF;
        memory.set(SHORT, element * 2, (short) (rounded >>> 16));
    }

    /// The sum of all lanes, from the first to the last. The order of `reduceLanes` is left to the
    /// virtual machine and changes when a loop is compiled: results would not repeat bit for bit.
    static float sum(FloatVector lanes) {
        float sum = 0;
        for (int lane = 0; lane < COUNT; lane++) {
            sum += lanes.lane(lane);
        }
        return sum;
    }
}
