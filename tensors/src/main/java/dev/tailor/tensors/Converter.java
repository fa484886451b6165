package dev.tailor.tensors;

import dev.tailor.tensors.internal.ConversionKernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Converts pieces of tensors between `float` and the floating-point types of checkpoints.
///
/// Widening is exact (except from [DType#F64], which is rounded); narrowing rounds once, to
/// nearest, ties to even, and a NaN stays a NaN. Integer types are an [IllegalArgumentException].
public final class Converter {
    /// Code with the Vector API runs slowly until it is compiled, which takes a second of processor
    /// time or more: below so many elements plain code is done earlier.
    private static final long WORTH_COMPILING = 50_000_000;

    /// The same for bfloat16, whose plain code is nearly as fast.
    private static final long WORTH_COMPILING_BF16 = 5_000_000_000L;

    private static final ConversionKernels SCALAR = ConversionKernels.scalar();

    private static final Converter PLAIN = new Converter(false, false);
    private static final Converter MIXED = new Converter(false, true);
    private static final Converter VECTORS = new Converter(true, true);

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final boolean vectorsForBf16;
    private final boolean vectorsForOthers;

    private Converter(boolean vectorsForBf16, boolean vectorsForOthers) {
        this.vectorsForBf16 = vectorsForBf16;
        this.vectorsForOthers = vectorsForOthers;
    }

    private ConversionKernels bf16() {
        return kernels(vectorsForBf16);
    }

    private ConversionKernels others() {
        return kernels(vectorsForOthers);
    }

    private static ConversionKernels kernels(boolean vectors) {
        return vectors ? Best.KERNELS : SCALAR;
    }

    /// Loads the Vector API only where it is used.
    private static final class Best {
        static final ConversionKernels KERNELS = ConversionKernels.best();
    }

    /// The converter that suits that many elements in all. Results are the same.
    public static Converter forElements(long elements) {
        if (elements < WORTH_COMPILING) {
            return PLAIN;
        }
        return elements < WORTH_COMPILING_BF16 ? MIXED : VECTORS;
    }

    /// The converter for work that goes on for minutes, such as training.
    public static Converter forLongWork() {
        return VECTORS;
    }

    /// Widens `n` elements of type `from`, beginning at byte `offset` of `source`, into `target[at
    /// ...]`.
    public void toFloat(
            DType from, MemorySegment source, long offset, float[] target, int at, int n) {
        switch (from) {
            case F32 -> MemorySegment.copy(source, FLOAT, offset, target, at, n);
            case BF16 -> bf16().bf16ToFloat(source, offset, target, at, n);
            case F16 -> others().f16ToFloat(source, offset, target, at, n);
            case F8_E4M3 -> others().e4m3ToFloat(source, offset, target, at, n);
            case F8_E5M2 -> others().e5m2ToFloat(source, offset, target, at, n);
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
    public void fromFloat(
            DType to, float[] source, int at, MemorySegment target, long offset, int n) {
        switch (to) {
            case F32 -> MemorySegment.copy(source, at, target, FLOAT, offset, n);
            case BF16 -> bf16().floatToBf16(source, at, target, offset, n);
            case F16 -> others().floatToF16(source, at, target, offset, n);
            case F8_E4M3 -> others().floatToE4m3(source, at, target, offset, n);
            case F8_E5M2 -> others().floatToE5m2(source, at, target, offset, n);
            case F64 -> {
                for (int i = 0; i < n; i++) {
                    target.set(DOUBLE, offset + 8L * i, source[at + i]);
                }
            }
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> throw notFloat(to);
        }
    }

    private static IllegalArgumentException notFloat(DType type) {
        return new IllegalArgumentException(type + " is not a floating-point type");
    }
}
