package dev.tailor.torch.internal.kernels;

import dev.tailor.core.NativeMemory;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Reads and writes a register full of bfloat16 in native memory as floats. Writing rounds to the
/// nearest, ties to even; a NaN stays one. Addresses are from [NativeMemory#address]. The launcher
/// has all of it compiled into the loops that call it.
final class Lanes {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final int COUNT = FLOATS.length();

    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    /// As many shorts as there are floats in a register.
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    /// Set in a NaN so that the rounding addition cannot carry into its exponent.
    private static final int QUIET = 0x400000;

    private Lanes() {}

    static FloatVector load(long address) {
        return upperBits(address).reinterpretAsFloats();
    }

    /// 16-bit numbers as the upper halves of ints.
    static IntVector upperBits(long address) {
        return signed(address).lanewise(VectorOperators.LSHL, 16);
    }

    /// 16-bit numbers with their signs.
    static IntVector signed(long address) {
        return (IntVector)
                ShortVector.fromMemorySegment(SHORTS, NativeMemory.ALL, address, ORDER)
                        .convertShape(VectorOperators.S2I, INTS, 0);
    }

    static void store(FloatVector value, long address) {
        IntVector bits = value.reinterpretAsInts();
        IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        IntVector rounded =
                bits.add(odd)
                        .add(0x7FFF)
                        .blend(bits.or(QUIET), value.test(VectorOperators.IS_NAN).cast(INTS));
        storeUpperBits(rounded, address);
    }

    static void storeUpperBits(IntVector bits, long address) {
        storeLowerBits(bits.lanewise(VectorOperators.LSHR, 16), address);
    }

    static void storeLowerBits(IntVector bits, long address) {
        bits.convertShape(VectorOperators.I2S, SHORTS, 0)
                .reinterpretAsShorts()
                .intoMemorySegment(NativeMemory.ALL, address, ORDER);
    }

    static short getShort(long address) {
        return NativeMemory.ALL.get(SHORT, address);
    }

    static void setShort(short value, long address) {
        NativeMemory.ALL.set(SHORT, address, value);
    }

    static float get(long address) {
        return Float.intBitsToFloat(getShort(address) << 16);
    }

    static void set(float value, long address) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = Float.isNaN(value) ? bits | QUIET : bits + ((bits >>> 16) & 1) + 0x7FFF;
        setShort((short) (rounded >>> 16), address);
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
