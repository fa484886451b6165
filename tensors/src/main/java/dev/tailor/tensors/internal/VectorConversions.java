package dev.tailor.tensors.internal;

import static jdk.incubator.vector.VectorOperators.I2B;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.tailor.core.NativeMemory;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// A whole vector at a time, with the arithmetic of [ScalarConversions] in every lane.
public final class VectorConversions implements ConversionKernels {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    /// As many shorts as a vector has floats.
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(INTS.vectorBitSize() / 2));

    /// As many bytes as a vector has floats, where a vector can be that short (64 bits).
    private static final boolean HAS_BYTES = INTS.vectorBitSize() >= 256;

    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(
                    byte.class, VectorShape.forBitSize(Math.max(64, INTS.vectorBitSize() / 4)));

    private static final int INFINITY = 0x7F80_0000;
    private static final int SIGN = 0x8000_0000;
    private static final int MAGNITUDE = 0x7FFF_FFFF;

    /// In place of the address of memory that has none: arrays are left to the scalar twin.
    private static final long ARRAY = -1;

    private final ScalarConversions scalar = new ScalarConversions();

    @Override
    public void bf16ToFloat(MemorySegment source, long offset, float[] target, int at, int n) {
        long from = address(source, offset, n * 2L);
        int bound = bound(from, n);
        for (int i = 0; i < bound; i += LANES) {
            shorts(from + 2L * i)
                    .lanewise(LSHL, 16)
                    .reinterpretAsFloats()
                    .intoArray(target, at + i);
        }
        scalar.bf16ToFloat(source, offset + 2L * bound, target, at + bound, n - bound);
    }

    @Override
    public void f16ToFloat(MemorySegment source, long offset, float[] target, int at, int n) {
        long from = address(source, offset, n * 2L);
        int bound = bound(from, n);
        for (int i = 0; i < bound; i += LANES) {
            IntVector bits = shorts(from + 2L * i);
            widen(
                            bits.lanewise(LSHL, 16),
                            bits.and(0x7FFF).lanewise(LSHL, 13),
                            0x1p112f,
                            0x0F80_0000)
                    .intoArray(target, at + i);
        }
        scalar.f16ToFloat(source, offset + 2L * bound, target, at + bound, n - bound);
    }

    @Override
    public void e4m3ToFloat(MemorySegment source, long offset, float[] target, int at, int n) {
        long from = address(source, offset, n);
        int bound = HAS_BYTES ? bound(from, n) : 0;
        for (int i = 0; i < bound; i += LANES) {
            IntVector bits = bytes(from + i);
            widen(bits.lanewise(LSHL, 24), bits.and(0x7F).lanewise(LSHL, 20), 0x1p120f, 0x07F0_0000)
                    .intoArray(target, at + i);
        }
        scalar.e4m3ToFloat(source, offset + bound, target, at + bound, n - bound);
    }

    @Override
    public void e5m2ToFloat(MemorySegment source, long offset, float[] target, int at, int n) {
        long from = address(source, offset, n);
        int bound = HAS_BYTES ? bound(from, n) : 0;
        for (int i = 0; i < bound; i += LANES) {
            IntVector bits = bytes(from + i);
            widen(bits.lanewise(LSHL, 24), bits.and(0x7F).lanewise(LSHL, 21), 0x1p112f, 0x0F80_0000)
                    .intoArray(target, at + i);
        }
        scalar.e5m2ToFloat(source, offset + bound, target, at + bound, n - bound);
    }

    @Override
    public void floatToBf16(float[] source, int at, MemorySegment target, long offset, int n) {
        long to = address(target, offset, n * 2L);
        int bound = bound(to, n);
        for (int i = 0; i < bound; i += LANES) {
            IntVector bits = FloatVector.fromArray(FLOATS, source, at + i).reinterpretAsInts();
            IntVector upper = bits.lanewise(LSHR, 16);
            IntVector rounded = bits.add(0x7FFF).add(upper.and(1)).lanewise(LSHR, 16);
            storeShorts(
                    rounded.blend(
                            upper.or(0x40),
                            bits.and(MAGNITUDE).compare(VectorOperators.GT, INFINITY)),
                    to + 2L * i);
        }
        scalar.floatToBf16(source, at + bound, target, offset + 2L * bound, n - bound);
    }

    @Override
    public void floatToF16(float[] source, int at, MemorySegment target, long offset, int n) {
        long to = address(target, offset, n * 2L);
        int bound = bound(to, n);
        for (int i = 0; i < bound; i += LANES) {
            IntVector bits = FloatVector.fromArray(FLOATS, source, at + i).reinterpretAsInts();
            IntVector magnitude = bits.and(MAGNITUDE);
            IntVector nan = magnitude.lanewise(LSHR, 13).and(0x3FF).or(0x7E00);
            IntVector narrowed =
                    narrow(magnitude, 13, 113)
                            .blend(0x7C00, magnitude.compare(VectorOperators.GE, 0x4780_0000))
                            .blend(nan, magnitude.compare(VectorOperators.GT, INFINITY));
            storeShorts(narrowed.or(bits.lanewise(LSHR, 16).and(0x8000)), to + 2L * i);
        }
        scalar.floatToF16(source, at + bound, target, offset + 2L * bound, n - bound);
    }

    @Override
    public void floatToE4m3(float[] source, int at, MemorySegment target, long offset, int n) {
        long to = address(target, offset, n);
        int bound = HAS_BYTES ? bound(to, n) : 0;
        for (int i = 0; i < bound; i += LANES) {
            IntVector bits = FloatVector.fromArray(FLOATS, source, at + i).reinterpretAsInts();
            IntVector magnitude = bits.and(MAGNITUDE);
            IntVector narrowed =
                    narrow(magnitude, 20, 121)
                            .blend(0x7F, magnitude.compare(VectorOperators.GE, 0x43F0_0000));
            storeBytes(narrowed.or(bits.lanewise(LSHR, 24).and(0x80)), to + i);
        }
        scalar.floatToE4m3(source, at + bound, target, offset + bound, n - bound);
    }

    @Override
    public void floatToE5m2(float[] source, int at, MemorySegment target, long offset, int n) {
        long to = address(target, offset, n);
        int bound = HAS_BYTES ? bound(to, n) : 0;
        for (int i = 0; i < bound; i += LANES) {
            IntVector bits = FloatVector.fromArray(FLOATS, source, at + i).reinterpretAsInts();
            IntVector magnitude = bits.and(MAGNITUDE);
            IntVector narrowed =
                    narrow(magnitude, 21, 113)
                            .blend(0x7C, magnitude.compare(VectorOperators.GE, 0x4780_0000))
                            .blend(0x7F, magnitude.compare(VectorOperators.GT, INFINITY));
            storeBytes(narrowed.or(bits.lanewise(LSHR, 24).and(0x80)), to + i);
        }
        scalar.floatToE5m2(source, at + bound, target, offset + bound, n - bound);
    }

    private static FloatVector widen(
            IntVector signed, IntVector magnitude, float scale, int special) {
        IntVector scaled = magnitude.reinterpretAsFloats().mul(scale).reinterpretAsInts();
        return scaled.blend(magnitude.or(INFINITY), magnitude.compare(VectorOperators.GE, special))
                .or(signed.and(SIGN))
                .reinterpretAsFloats();
    }

    private static IntVector narrow(IntVector magnitude, int shift, int minExponent) {
        int magic = (minExponent + shift) << 23;
        IntVector subnormal =
                magnitude
                        .reinterpretAsFloats()
                        .add(Float.intBitsToFloat(magic))
                        .reinterpretAsInts()
                        .sub(magic);
        int rounding = (1 << (shift - 1)) - 1 - ((minExponent - 1) << 23);
        IntVector odd = magnitude.lanewise(LSHR, shift).and(1);
        return magnitude
                .add(rounding)
                .add(odd)
                .lanewise(LSHR, shift)
                .blend(subnormal, magnitude.compare(VectorOperators.LT, minExponent << 23));
    }

    private static IntVector shorts(long address) {
        return (IntVector)
                ShortVector.fromMemorySegment(
                                SHORTS, NativeMemory.ALL, address, ByteOrder.LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_S2I, INTS, 0);
    }

    private static IntVector bytes(long address) {
        return (IntVector)
                ByteVector.fromMemorySegment(
                                BYTES, NativeMemory.ALL, address, ByteOrder.LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_B2I, INTS, 0);
    }

    private static void storeShorts(IntVector values, long address) {
        ((ShortVector) values.convertShape(I2S, SHORTS, 0))
                .intoMemorySegment(NativeMemory.ALL, address, ByteOrder.LITTLE_ENDIAN);
    }

    private static void storeBytes(IntVector values, long address) {
        ((ByteVector) values.convertShape(I2B, BYTES, 0))
                .intoMemorySegment(NativeMemory.ALL, address, ByteOrder.LITTLE_ENDIAN);
    }

    private static long address(MemorySegment memory, long offset, long bytes) {
        return memory.isNative() ? NativeMemory.address(memory, offset, bytes) : ARRAY;
    }

    /// How many elements are done in vectors.
    private static int bound(long address, int n) {
        return address == ARRAY ? 0 : FLOATS.loopBound(n);
    }
}
