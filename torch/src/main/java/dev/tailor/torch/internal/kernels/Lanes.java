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

/// Reads and writes a register full of numbers in native memory, float32 or bfloat16, as floats.
/// Writing bfloat16 rounds to the nearest, ties to even.
final class Lanes {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final int COUNT = FLOATS.length();

    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    /// As many shorts as there are floats in a register.
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private Lanes() {}

    /// The number format of a piece of memory.
    enum Format {
        FLOAT32(4),
        BFLOAT16(2);

        private final int bytes;

        Format(int bytes) {
            this.bytes = bytes;
        }

        int bytes() {
            return bytes;
        }
    }

    static FloatVector load(Format format, MemorySegment memory, long element) {
        return format == Format.FLOAT32
                ? FloatVector.fromMemorySegment(FLOATS, memory, element * 4, ORDER)
                : widened(ShortVector.fromMemorySegment(SHORTS, memory, element * 2, ORDER));
    }

    static void store(Format format, FloatVector value, MemorySegment memory, long element) {
        if (format == Format.FLOAT32) {
            value.intoMemorySegment(memory, element * 4, ORDER);
        } else {
            rounded(value).intoMemorySegment(memory, element * 2, ORDER);
        }
    }

    static float get(Format format, MemorySegment memory, long element) {
        return format == Format.FLOAT32
                ? memory.get(FLOAT, element * 4)
                : Float.intBitsToFloat(memory.get(SHORT, element * 2) << 16);
    }

    static void set(Format format, float value, MemorySegment memory, long element) {
        if (format == Format.FLOAT32) {
            memory.set(FLOAT, element * 4, value);
        } else {
            memory.set(SHORT, element * 2, rounded(value));
        }
    }

    private static FloatVector widened(ShortVector bits) {
        IntVector ints = (IntVector) bits.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
        return ints.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    /// A NaN stays one: its payload bit is set before the addition could carry into the exponent.
    private static ShortVector rounded(FloatVector value) {
        IntVector bits = value.reinterpretAsInts();
        IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        IntVector rounded =
                bits.add(odd)
                        .add(0x7FFF)
                        .blend(bits.or(0x400000), value.test(VectorOperators.IS_NAN).cast(INTS));
        return (ShortVector)
                rounded.lanewise(VectorOperators.LSHR, 16)
                        .convertShape(VectorOperators.I2S, SHORTS, 0);
    }

    private static short rounded(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits | 0x400000) >>> 16);
        }
        return (short) ((bits + ((bits >>> 16) & 1) + 0x7FFF) >>> 16);
    }
}
