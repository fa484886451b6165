package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Exponential.SPECIES;

import dev.tailor.core.NativeMemory;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Attention of one query head over one page of a key-value cache, float32. Keys lie dimension by
/// dimension, `[dim, page]`, so that a register holds the scores of neighbouring positions; values
/// lie position by position, `[page, dim]`. Neither product then has to add the lanes of a
/// register.
public final class CachedHeads {
    private static final int COUNT = SPECIES.length();
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private CachedHeads() {}

    /// Writes `q · k` of every position of a page into `scores` from `at` on.
    ///
    /// @param q a row of queries; the head's begins at `queryAt`
    /// @param keysAt index of the first key value in `memory`
    public static void scores(
            float[] q, int queryAt, int dim, MemorySegment memory, long keysAt, Page into) {
        int page = into.positions();
        long keys = address(memory, keysAt, dim * page);
        int bound = SPECIES.loopBound(page);
        for (int i = 0; i < bound; i += COUNT) {
            FloatVector sums = FloatVector.zero(SPECIES);
            for (int d = 0; d < dim; d++) {
                sums = load(keys + 4L * (d * page + i)).fma(broadcast(q[queryAt + d]), sums);
            }
            sums.intoArray(into.row(), into.at() + i);
        }
        for (int i = bound; i < page; i++) {
            float sum = 0;
            for (int d = 0; d < dim; d++) {
                sum = Math.fma(get(keys + 4L * (d * page + i)), q[queryAt + d], sum);
            }
            into.row()[into.at() + i] = sum;
        }
    }

    /// A page's part of a row of scores or weights.
    ///
    /// @param positions how many of them there are in a page, or of it are meant
    public record Page(float[] row, int at, int positions) {}

    /// Adds `Σ weights[i] · v[i]` over some positions of a page to `out` from `outAt` on.
    ///
    /// @param valuesAt index of the first value in `memory`
    public static void mix(
            Page weights, MemorySegment memory, long valuesAt, int dim, float[] out, int outAt) {
        int count = weights.positions();
        float[] w = weights.row();
        long values = address(memory, valuesAt, dim * count);
        int bound = SPECIES.loopBound(dim);
        for (int d = 0; d < bound; d += COUNT) {
            FloatVector sums = FloatVector.fromArray(SPECIES, out, outAt + d);
            for (int i = 0; i < count; i++) {
                sums = load(values + 4L * (i * dim + d)).fma(broadcast(w[weights.at() + i]), sums);
            }
            sums.intoArray(out, outAt + d);
        }
        for (int d = bound; d < dim; d++) {
            float sum = out[outAt + d];
            for (int i = 0; i < count; i++) {
                sum = Math.fma(get(values + 4L * (i * dim + d)), w[weights.at() + i], sum);
            }
            out[outAt + d] = sum;
        }
    }

    private static long address(MemorySegment memory, long start, int count) {
        return NativeMemory.address(memory, start * Float.BYTES, (long) count * Float.BYTES);
    }

    private static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(SPECIES, NativeMemory.ALL, address, ORDER);
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    private static float get(long address) {
        return NativeMemory.ALL.get(FLOAT, address);
    }
}
