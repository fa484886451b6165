package dev.tailor.merge.internal.method;

import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

import java.util.Arrays;
import java.util.List;

/// Finds the k-th largest magnitudes of series of numbers, exactly and without sorting.
///
/// The bits of a positive float are ordered like its value. A sample says between which two values
/// the one sought lies almost surely; one pass counts what is above and collects what is between.
/// Where the sample misleads (few distinct values, small tensors), a histogram of the upper 16 of
/// the 31 bits and one of the lower 15 give the answer in two passes. Both ways are exact, and
/// counts are whole numbers, so neither the way nor the threads' order shows in the result.
final class RankSearch {
    private static final int LOW_BITS = 15;
    private static final int UPPER_BINS = 1 << 16;
    private static final int LOWER_BINS = 1 << LOW_BITS;
    private static final int MAGNITUDE = 0x7FFF_FFFF;

    private static final int SAMPLE_PIECES = 256;
    private static final int SAMPLE_PIECE = 256;
    private static final int SAMPLE = SAMPLE_PIECES * SAMPLE_PIECE;

    /// Of the sample, on either side of where the value sought should be.
    private static final double MARGIN = 0.01;

    /// The `largest` elements of a series.
    record Query(int series, long largest, Cut.Order order) {}

    private final Work work;
    private final TensorTiles tiles;
    private final Series series;
    private final List<Query> queries;
    private final Cut[] found;

    /// How many elements of each query are still to be accounted for.
    private final long[] keep;

    /// Which queries have no answer yet.
    private final boolean[] open;

    private RankSearch(Work work, Series series, List<Query> queries) {
        this.work = work;
        this.tiles = work.tiles();
        this.series = series;
        this.queries = queries;
        this.found = new Cut[queries.size()];
        this.keep = new long[queries.size()];
        this.open = new boolean[queries.size()];
        for (int q = 0; q < found.length; q++) {
            keep[q] = queries.get(q).largest();
            open[q] = keep[q] > 0 && keep[q] < tiles.elements();
            found[q] = keep[q] > 0 ? Cut.ALL : Cut.NONE;
        }
    }

    /// The answers to all queries.
    static List<Cut> find(Work work, Series series, List<Query> queries) {
        RankSearch search = new RankSearch(work, series, queries);
        if (search.anyOpen() && search.tiles.elements() > 4L * SAMPLE) {
            search.collect(search.brackets());
        }
        if (search.anyOpen()) {
            search.count();
        }
        return List.of(search.found);
    }

    private boolean anyOpen() {
        for (boolean each : open) {
            if (each) {
                return true;
            }
        }
        return false;
    }

    private boolean isWanted(int of) {
        for (int q = 0; q < open.length; q++) {
            if (open[q] && queries.get(q).series() == of) {
                return true;
            }
        }
        return false;
    }

    private interface Visitor {
        void elements(int query, float[] values, int n);
    }

    /// Shows a piece of every series to its open queries.
    private void visit(long first, int n, Scratch scratch, Visitor visitor) {
        series.visit(
                first,
                n,
                scratch,
                this::isWanted,
                (each, values, size) -> {
                    for (int q = 0; q < open.length; q++) {
                        if (open[q] && queries.get(q).series() == each) {
                            visitor.elements(q, values, size);
                        }
                    }
                });
    }

    private void visitTiles(TileVisitor visitor) {
        work.workers()
                .run(
                        tiles.count(),
                        (worker, tile) -> {
                            Scratch scratch = work.scratches().get(worker);
                            visit(
                                    tiles.first(tile),
                                    tiles.size(tile),
                                    scratch,
                                    (q, values, n) ->
                                            visitor.elements(worker, tile, scratch, q, values, n));
                        });
    }

    private interface TileVisitor {
        void elements(int worker, int tile, Scratch scratch, int query, float[] values, int n);
    }

    /// Between which bits, inclusive, an answer should lie.
    private record Bracket(int low, int high) {}

    private Bracket[] brackets() {
        int[][] sample = new int[open.length][SAMPLE];
        long stride = tiles.elements() / SAMPLE_PIECES;
        Scratch scratch = work.scratches().getFirst();
        for (int piece = 0; piece < SAMPLE_PIECES; piece++) {
            int at = piece * SAMPLE_PIECE;
            visit(
                    piece * stride,
                    SAMPLE_PIECE,
                    scratch,
                    (q, values, n) -> {
                        for (int i = 0; i < n; i++) {
                            sample[q][at + i] = Float.floatToRawIntBits(values[i]) & MAGNITUDE;
                        }
                    });
        }
        Bracket[] brackets = new Bracket[open.length];
        for (int q = 0; q < open.length; q++) {
            Arrays.sort(sample[q]);
            double share = (double) keep[q] / tiles.elements();
            int low = (int) ((1 - share - MARGIN) * SAMPLE);
            int high = (int) ((1 - share + MARGIN) * SAMPLE);
            // A zero needs no place among its equals, so the lowest threshold sought is above it.
            brackets[q] =
                    new Bracket(
                            low <= 0 ? 1 : Math.max(1, sample[q][low]),
                            high >= SAMPLE ? Integer.MAX_VALUE : sample[q][high]);
        }
        return brackets;
    }

    /// One pass that settles every query whose bracket holds.
    private void collect(Bracket[] brackets) {
        int[][] above = new int[open.length][tiles.count()];
        int[][][] between = new int[open.length][tiles.count()][];
        visitTiles((worker, tile, scratch, q, values, n) -> {
            int[] buffer = scratch.integers(n);
            int high = brackets[q].high();
            int collected = work.kernels().collect(values, brackets[q].low(), high, buffer, n);
            between[q][tile] = Arrays.copyOf(buffer, collected);
            above[q][tile] = work.kernels().countAbove(values, high, n);
        });
        for (int q = 0; q < open.length; q++) {
            if (open[q]) {
                settle(q, brackets[q], above[q], between[q]);
            }
        }
    }

    private void settle(int q, Bracket bracket, int[] above, int[][] between) {
        long larger = Arrays.stream(above).asLongStream().sum();
        long collected = Arrays.stream(between).mapToLong(bits -> bits.length).sum();
        long rank = keep[q] - larger;
        if (rank > collected && bracket.low() == 1) {
            found[q] = Cut.ALL; // all that is not zero
            open[q] = false;
        }
        if (rank <= 0 || rank > collected || collected > Integer.MAX_VALUE - 8) {
            return;
        }
        int[] all = new int[(int) collected];
        int at = 0;
        for (int[] bits : between) {
            System.arraycopy(bits, 0, all, at, bits.length);
            at += bits.length;
        }
        Arrays.parallelSort(all);
        int threshold = all[all.length - (int) rank];
        int[] ties = new int[between.length];
        for (int tile = 0; tile < ties.length; tile++) {
            for (int bits : between[tile]) {
                ties[tile] += bits == threshold ? 1 : 0;
                larger += bits > threshold ? 1 : 0;
            }
        }
        found[q] = Cut.at(threshold, keep[q] - larger, ties, queries.get(q).order());
        open[q] = false;
    }

    /// Two passes of histograms, and a third where some of several equal elements are kept.
    private void count() {
        long[][] upper = histograms(UPPER_BINS, (q, bits) -> bits >>> LOW_BITS);
        int[] bin = new int[open.length];
        for (int q = 0; q < open.length; q++) {
            if (open[q]) {
                bin[q] = reach(upper[q], keep[q]);
                keep[q] -= above(upper[q], bin[q]);
            }
        }
        long[][] lower =
                histograms(
                        LOWER_BINS,
                        (q, bits) -> bits >>> LOW_BITS == bin[q] ? bits & (LOWER_BINS - 1) : -1);
        boolean any = false;
        for (int q = 0; q < open.length; q++) {
            if (open[q]) {
                int low = reach(lower[q], keep[q]);
                keep[q] -= above(lower[q], low);
                found[q] = new Cut(bin[q] << LOW_BITS | low, new int[0], queries.get(q).order());
                // Dropping a zero changes nothing, so zeros need no order.
                open[q] = keep[q] < lower[q][low] && found[q].bits() > 0;
                any |= open[q];
            }
        }
        if (any) {
            splitEqual();
        }
    }

    private void splitEqual() {
        int[][] ties = new int[open.length][tiles.count()];
        visitTiles((worker, tile, scratch, q, values, n) -> {
            int bits = found[q].bits();
            for (int i = 0; i < n; i++) {
                int each = Float.floatToRawIntBits(values[i]) & MAGNITUDE;
                ties[q][tile] += each == bits ? 1 : 0;
            }
        });
        for (int q = 0; q < open.length; q++) {
            if (open[q]) {
                found[q] = Cut.at(found[q].bits(), keep[q], ties[q], queries.get(q).order());
                open[q] = false;
            }
        }
    }

    /// The bin in which the `k`-th largest lies.
    private static int reach(long[] histogram, long k) {
        long seen = 0;
        for (int bin = histogram.length - 1; bin > 0; bin--) {
            seen += histogram[bin];
            if (seen >= k) {
                return bin;
            }
        }
        return 0;
    }

    private static long above(long[] histogram, int bin) {
        long sum = 0;
        for (int i = bin + 1; i < histogram.length; i++) {
            sum += histogram[i];
        }
        return sum;
    }

    /// Chooses the bin of an element's magnitude, or a negative number.
    private interface Bin {
        int of(int query, int bits);
    }

    private long[][] histograms(int bins, Bin bin) {
        long[][][] counts = new long[work.workers().threads()][open.length][];
        visitTiles((worker, tile, scratch, q, values, n) -> {
            if (counts[worker][q] == null) {
                counts[worker][q] = new long[bins];
            }
            long[] histogram = counts[worker][q];
            for (int i = 0; i < n; i++) {
                int index = bin.of(q, Float.floatToRawIntBits(values[i]) & MAGNITUDE);
                if (index >= 0) {
                    histogram[index]++;
                }
            }
        });
        long[][] sums = new long[open.length][bins];
        for (long[][] perQuery : counts) {
            for (int q = 0; q < open.length; q++) {
                for (int i = 0; perQuery[q] != null && i < bins; i++) {
                    sums[q][i] += perQuery[q][i];
                }
            }
        }
        return sums;
    }
}
