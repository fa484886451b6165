package dev.tailor.tensors;

import java.lang.foreign.MemorySegment;

/// Conversions of whole tensors and of single pieces. Who converts a large tensor piece by piece
/// uses a [Converter], which knows how much there is to do; the rounding is described there.
public final class Conversions {
    /// Elements converted at a time where both sides are memory: stays in the first-level cache.
    private static final int TILE = 4096;

    private Conversions() {}

    /// Widens `n` elements of type `from`, beginning at byte `offset` of `source`, into `target[at
    /// ...]`.
    public static void toFloat(
            DType from, MemorySegment source, long offset, float[] target, int at, int n) {
        Converter.forElements(n).toFloat(from, source, offset, target, at, n);
    }

    /// Rounds `n` elements from `source[at ...]` to type `to`, beginning at byte `offset` of
    /// `target`.
    public static void fromFloat(
            DType to, float[] source, int at, MemorySegment target, long offset, int n) {
        Converter.forElements(n).fromFloat(to, source, at, target, offset, n);
    }

    /// Converts all elements of `source` to another type; `target` has room for as many.
    public static void convert(DType from, MemorySegment source, DType to, MemorySegment target) {
        if (from == to) {
            target.copyFrom(source);
            return;
        }
        long elements = source.byteSize() / from.bytes();
        Converter converter = Converter.forElements(elements);
        float[] tile = new float[(int) Math.min(TILE, elements)];
        for (long i = 0; i < elements; i += TILE) {
            int n = (int) Math.min(TILE, elements - i);
            converter.toFloat(from, source, i * from.bytes(), tile, 0, n);
            converter.fromFloat(to, tile, 0, target, i * to.bytes(), n);
        }
    }

    /// All elements of `source` as a new array; at most 2^31 - 1 of them.
    public static float[] toFloats(DType from, MemorySegment source) {
        float[] floats = new float[Math.toIntExact(source.byteSize() / from.bytes())];
        toFloat(from, source, 0, floats, 0, floats.length);
        return floats;
    }
}
