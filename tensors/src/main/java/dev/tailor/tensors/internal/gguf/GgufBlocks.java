package dev.tailor.tensors.internal.gguf;

import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.GgmlType;

import java.lang.foreign.MemorySegment;

/// Turns numbers into the stored form of a GGUF tensor and back.
public final class GgufBlocks {
    /// Vector code runs slowly until it is compiled: short pieces are quantised by plain code.
    private static final int WORTH_COMPILING = 1 << 20;

    private static final BlockKernels PLAIN = BlockKernels.scalar();
    private static final BlockKernels VECTORS = BlockKernels.best();

    private GgufBlocks() {}

    /// Encodes `count` numbers from `source[at]` on, a whole number of blocks.
    ///
    /// @param target at least `type.bytes(count)` bytes
    public static void encode(
            GgmlType type, float[] source, int at, int count, MemorySegment target) {
        switch (type) {
            case F32 -> Conversions.fromFloat(DType.F32, source, at, target, 0, count);
            case F16 -> Conversions.fromFloat(DType.F16, source, at, target, 0, count);
            case BF16 -> Conversions.fromFloat(DType.BF16, source, at, target, 0, count);
            case Q8_0 -> kernels(count).floatToQ8(source, at, target, 0, count);
            case Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
                    BlockFormat.of(type).encode(source, at, target, 0, count);
        }
    }

    /// Decodes as many numbers as `target` holds.
    public static void decode(GgmlType type, MemorySegment source, float[] target) {
        int count = target.length;
        switch (type) {
            case F32 -> Conversions.toFloat(DType.F32, source, 0, target, 0, count);
            case F16 -> Conversions.toFloat(DType.F16, source, 0, target, 0, count);
            case BF16 -> Conversions.toFloat(DType.BF16, source, 0, target, 0, count);
            case Q8_0 -> kernels(count).q8ToFloat(source, 0, target, 0, count);
            case Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
                    BlockFormat.of(type).decode(source, 0, target, 0, count);
        }
    }

    private static BlockKernels kernels(int count) {
        return count < WORTH_COMPILING ? PLAIN : VECTORS;
    }
}
