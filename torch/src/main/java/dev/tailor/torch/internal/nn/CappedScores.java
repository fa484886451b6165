package dev.tailor.torch.internal.nn;

import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;
import dev.tailor.torch.internal.kernels.SoftCap;

import java.lang.foreign.MemorySegment;

/// Soft caps of attention scores in native memory, row by row.
///
/// @param type the scores' format
record CappedScores(DType type, float scale, float cap) {
    private static final Converter CONVERTER = Converter.forLongWork();

    /// Replaces `count` scores from index `start` on by their capped values, which are returned
    /// too, unrounded, for [#backward].
    float[] apply(MemorySegment scores, long start, int count) {
        float[] row = new float[count];
        CONVERTER.toFloat(type, scores, start * type.bytes(), row, 0, count);
        SoftCap.forward(row, scale, cap);
        CONVERTER.fromFloat(type, row, 0, scores, start * type.bytes(), count);
        return row;
    }

    /// Turns derivatives by capped scores into derivatives by the products of queries and keys.
    void backward(float[] capped, MemorySegment derivatives, long start) {
        float[] row = new float[capped.length];
        CONVERTER.toFloat(type, derivatives, start * type.bytes(), row, 0, row.length);
        SoftCap.backward(capped, row, scale, cap);
        CONVERTER.fromFloat(type, row, 0, derivatives, start * type.bytes(), row.length);
    }
}
