package dev.tailor.tensors;

import dev.tailor.tensors.internal.ConversionKernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Bulk conversions between `float` and the floating-point types of checkpoints.
///
/// Widening is exact (except from [DType#F64], which is rounded); narrowing rounds once, to
/// nearest, ties to even, and a NaN stays a NaN. Integer types are an [IllegalArgumentException].
public final class Conversions {
    private static final ConversionKernels KERNELS = ConversionKernels.best();

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Elements converted at a time where both sides are memory: stays in the first-level cache.
    private static final int TILE = 4096;

    private Conversions() {}

    /// Widens `n` elements of type `from`, beginning at byte `offset` of `source`, into `target[at
    /// ...]`.
    public static void toFloat(
            DType from, MemorySegment source, long offset, float[] target, int at, int n) {
        switch (from) {
            case F32 -> MemorySegment.copy(source, FLOAT, offset, target, at, n);
            case BF16 -> KERNELS.bf16ToFloat(source, offset, target, at, n);
            case F16 -> KERNELS.f16ToFloat(source, offset, target, at, n);
            case F8_E4M3 -> KERNELS.e4m3ToFloat(source, offset, target, at, n);
            case F8_E5M2 -> KERNELS.e5m2ToFloat(source, offset, target, at, n);
            case F64 -> {
                for (int i = 0; i < n; i++) {
                    target[at + i] = (float) source.get(DOUBLE, offset + 8L * i);
                }
            }
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> throw notFloat(from);
        }
    }

    /// Rounds `n` elements from `source[at ...]` to type `to`, beginning at byte `offset` of
    /// `target`.
    public static void fromFloat(
            DType to, float[] source, int at, MemorySegment target, long offset, int n) {
        switch (to) {
            case F32 -> MemorySegment.copy(source, at, target, FLOAT, offset, n);
            case BF16 -> KERNELS.floatToBf16(source, at, target, offset, n);
            case F16 -> KERNELS.floatToF16(source, at, target, offset, n);
            case F8_E4M3 -> KERNELS.floatToE4m3(source, at, target, offset, n);
            case F8_E5M2 -> KERNELS.floatToE5m2(source, at, target, offset, n);
            case F64 -> {
                for (int i = 0; i < n; i++) {
                    target.set(DOUBLE, offset + 8L * i, source[at + i]);
                }
            }
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> throw notFloat(to);
        }
    }

    /// Converts all elements of `source` to another type; `target` has room for as many.
    public static void convert(DType from, MemorySegment source, DType to, MemorySegment target) {
        if (from == to) {
            target.copyFrom(source);
            return;
        }
        long elements = source.byteSize() / from.bytes();
        float[] tile = new float[(int) Math.min(TILE, elements)];
        for (long i = 0; i < elements; i += TILE) {
            int n = (int) Math.min(TILE, elements - i);
            toFloat(from, source, i * from.bytes(), tile, 0, n);
            fromFloat(to, tile, 0, target, i * to.bytes(), n);
        }
    }

    /// All elements of `source` as a new array; at most 2^31 - 1 of them.
    public static float[] toFloats(DType from, MemorySegment source) {
        float[] floats = new float[Math.toIntExact(source.byteSize() / from.bytes())];
        toFloat(from, source, 0, floats, 0, floats.length);
        return floats;
    }

    private static IllegalArgumentException notFloat(DType type) {
        return new IllegalArgumentException(type + " is not a floating-point type");
    }
}
