package dev.tailor.tensors.internal;

import dev.tailor.core.VectorApi;

import java.lang.foreign.MemorySegment;

/// Conversions between `float` and the narrow formats. Widening is exact; narrowing rounds to
/// nearest, ties to even, and keeps a NaN a (quiet) NaN of the same sign.
///
/// Two implementations give the same bits: [ScalarConversions] and, where the module
/// `jdk.incubator.vector` is there, [VectorConversions].
public interface ConversionKernels {
    /// Widens `n` bfloat16 from byte `offset` of `source` into `target[at ...]`.
    void bf16ToFloat(MemorySegment source, long offset, float[] target, int at, int n);

    /// Widens IEEE half precision.
    void f16ToFloat(MemorySegment source, long offset, float[] target, int at, int n);

    /// Widens 8-bit floats `e4m3fn`.
    void e4m3ToFloat(MemorySegment source, long offset, float[] target, int at, int n);

    /// Widens 8-bit floats `e5m2`.
    void e5m2ToFloat(MemorySegment source, long offset, float[] target, int at, int n);

    /// Rounds `source[at ...]` to bfloat16 at byte `offset` of `target`.
    void floatToBf16(float[] source, int at, MemorySegment target, long offset, int n);

    /// Rounds to IEEE half precision; beyond 65504 it becomes infinite.
    void floatToF16(float[] source, int at, MemorySegment target, long offset, int n);

    /// Rounds to `e4m3fn`; beyond 448 it becomes NaN, since there is no infinity.
    void floatToE4m3(float[] source, int at, MemorySegment target, long offset, int n);

    /// Rounds to `e5m2`; beyond 57344 it becomes infinite.
    void floatToE5m2(float[] source, int at, MemorySegment target, long offset, int n);

    /// Plain code, fast from the start.
    static ConversionKernels scalar() {
        return new ScalarConversions();
    }

    /// The fastest implementation this virtual machine can run.
    static ConversionKernels best() {
        return VectorApi.isAvailable() ? new VectorConversions() : new ScalarConversions();
    }
}
