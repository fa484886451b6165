package dev.tailor.merge.internal.run;

import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.merge.internal.kernel.SteppedArithmetic;

import java.util.Arrays;
import java.util.List;

/// Finds the k-th largest magnitude of every task vector of a tensor, exactly and without sorting.
///
/// The bits of a positive float are ordered like its value. A sample says between which two values
/// the one sought lies almost surely; one pass counts what is above and collects what is between.
/// Where the sample misleads (few distinct values, small tensors), a histogram of the upper 16 of
/// the 31 bits and one of the lower 15 give the answer in two passes. Both ways are exact, and
/// counts are whole numbers, so neither the way nor the threads' order shows in the result.
final class ThresholdSearch {
    private static final int LOW_BITS = 15;
    private static final int UPPER_BINS = 1 << 16;
    private static final int LOWER_BINS = 1 << LOW_BITS;
    private static final int MAGNITUDE = 0x7FFF_FFFF;

    private static final int SAMPLE_PIECES = 256;
    private static final int SAMPLE_PIECE = 256;
    private static final int SAMPLE = SAMPLE_PIECES * SAMPLE_PIECE;

    /// Of the sample, on either side of where the value sought should be.
    private static final double MARGIN = 0.02;

    private final TensorTiles tiles;
    private final MergeKernels kernels;
    private final Workers workers;
    private final List<Scratch> scratches;
    private final Thresholds[] found;

    /// How many elements of each model are still to be accounted for.
    private final long[] keep;

    /// Whose thresholds are yet to be found.
    private final boolean[] open;

    ThresholdSearch(
            TensorTiles tiles,
            List<Double> densities,
            MergeKernels kernels,
            Workers workers,
            List<Scratch> scratches) {
        int models = densities.size();
        this.tiles = tiles;
        this.kernels = kernels;
        this.workers = workers;
        this.scratches = scratches;
        this.found = new Thresholds[models];
        this.keep = new long[models];
        this.open = new boolean[models];
        for (int k = 0; k < models; k++) {
            double density = densities.get(k);
            keep[k] = (long) (density * tiles.elements());
            open[k] = density < 1 && keep[k] > 0;
            found[k] = density >= 1 ? Thresholds.NONE : Thresholds.ALL;
        }
    }

    /// The thresholds of the inputs after the first, which is the origin.
    Thresholds[] find() {
        if (anyOpen() && tiles.elements() > 4L * SAMPLE) {
            collect(brackets());
        }
        if (anyOpen()) {
            count();
        }
        return found;
    }

    private boolean anyOpen() {
        for (boolean each : open) {
            if (each) {
                return true;
            }
        }
        return false;
    }

    /// Between which bits, inclusive, a threshold should lie.
    private record Bracket(int low, int high) {}

    private Bracket[] brackets() {
        int[][] sample = new int[open.length][SAMPLE];
        long stride = tiles.elements() / SAMPLE_PIECES;
        Scratch scratch = scratches.getFirst();
        for (int piece = 0; piece < SAMPLE_PIECES; piece++) {
            int at = piece * SAMPLE_PIECE;
            differences(
                    piece * stride,
                    SAMPLE_PIECE,
                    scratch,
                    (k, d, n) -> {
                        for (int i = 0; i < n; i++) {
                            sample[k][at + i] = Float.floatToRawIntBits(d[i]) & MAGNITUDE;
                        }
                    });
        }
        Bracket[] brackets = new Bracket[open.length];
        for (int k = 0; k < open.length; k++) {
            Arrays.sort(sample[k]);
            double share = (double) keep[k] / tiles.elements();
            int low = (int) ((1 - share - MARGIN) * SAMPLE);
            int high = (int) ((1 - share + MARGIN) * SAMPLE);
            // A zero needs no place among its equals, so the lowest threshold sought is above it.
            brackets[k] =
                    new Bracket(
                            low <= 0 ? 1 : Math.max(1, sample[k][low]),
                            high >= SAMPLE ? Integer.MAX_VALUE : sample[k][high]);
        }
        return brackets;
    }

    /// One pass that settles every model whose bracket holds.
    private void collect(Bracket[] brackets) {
        int models = open.length;
        int[][] above = new int[models][tiles.count()];
        int[][][] between = new int[models][tiles.count()][];
        workers.run(
                tiles.count(),
                (worker, tile) -> {
                    Scratch scratch = scratches.get(worker);
                    int[] buffer = scratch.integers();
                    differences(
                            tiles.first(tile),
                            tiles.size(tile),
                            scratch,
                            (k, d, n) -> {
                                int low = brackets[k].low();
                                int high = brackets[k].high();
                                int collected = kernels.collect(d, low, high, buffer, n);
                                between[k][tile] = Arrays.copyOf(buffer, collected);
                                above[k][tile] = kernels.countAbove(d, high, n);
                            });
                });
        for (int k = 0; k < models; k++) {
            if (open[k]) {
                settle(k, brackets[k], above[k], between[k]);
            }
        }
    }

    private void settle(int k, Bracket bracket, int[] above, int[][] between) {
        long larger = Arrays.stream(above).asLongStream().sum();
        long collected = Arrays.stream(between).mapToLong(bits -> bits.length).sum();
        long rank = keep[k] - larger;
        if (rank > collected && bracket.low() == 1) {
            found[k] = Thresholds.NONE; // all that is not zero
            open[k] = false;
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
        found[k] = Thresholds.first(threshold, keep[k] - larger, ties);
        open[k] = false;
    }

    /// Two passes of histograms, and a third where some of several equal elements are kept.
    private void count() {
        long[][] upper = histograms(UPPER_BINS, (k, bits) -> bits >>> LOW_BITS);
        int[] bin = new int[open.length];
        for (int k = 0; k < open.length; k++) {
            if (open[k]) {
                bin[k] = reach(upper[k], keep[k]);
                keep[k] -= above(upper[k], bin[k]);
            }
        }
        long[][] lower =
                histograms(
                        LOWER_BINS,
                        (k, bits) -> bits >>> LOW_BITS == bin[k] ? bits & (LOWER_BINS - 1) : -1);
        boolean[] split = new boolean[open.length];
        boolean any = false;
        for (int k = 0; k < open.length; k++) {
            if (open[k]) {
                int low = reach(lower[k], keep[k]);
                keep[k] -= above(lower[k], low);
                found[k] = new Thresholds(bin[k] << LOW_BITS | low, new int[0]);
                // Pruning a zero changes nothing, so zeros need no order.
                split[k] = keep[k] < lower[k][low] && found[k].bits() > 0;
                any |= split[k];
            }
        }
        if (any) {
            splitTies(split);
        }
    }

    private void splitTies(boolean[] split) {
        int[][] ties = new int[open.length][tiles.count()];
        workers.run(
                tiles.count(),
                (worker, tile) ->
                        differences(
                                tiles.first(tile),
                                tiles.size(tile),
                                scratches.get(worker),
                                (k, d, n) -> {
                                    int bits = found[k].bits();
                                    for (int i = 0; i < n; i++) {
                                        int each = Float.floatToRawIntBits(d[i]) & MAGNITUDE;
                                        ties[k][tile] += each == bits ? 1 : 0;
                                    }
                                }));
        for (int k = 0; k < open.length; k++) {
            if (split[k]) {
                found[k] = Thresholds.first(found[k].bits(), keep[k], ties[k]);
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
        int of(int model, int bits);
    }

    private long[][] histograms(int bins, Bin bin) {
        int models = open.length;
        long[][][] counts = new long[workers.threads()][models][];
        workers.run(
                tiles.count(),
                (worker, tile) -> {
                    Scratch scratch = scratches.get(worker);
                    differences(
                            tiles.first(tile),
                            tiles.size(tile),
                            scratch,
                            (k, d, n) -> {
                                if (counts[worker][k] == null) {
                                    counts[worker][k] = new long[bins];
                                }
                                long[] histogram = counts[worker][k];
                                for (int i = 0; i < n; i++) {
                                    int index =
                                            bin.of(k, Float.floatToRawIntBits(d[i]) & MAGNITUDE);
                                    if (index >= 0) {
                                        histogram[index]++;
                                    }
                                }
                            });
                });
        long[][] sums = new long[models][bins];
        for (long[][] perModel : counts) {
            for (int k = 0; k < models; k++) {
                for (int i = 0; perModel[k] != null && i < bins; i++) {
                    sums[k][i] += perModel[k][i];
                }
            }
        }
        return sums;
    }

    private interface Visitor {
        void differences(int model, float[] d, int n);
    }

    /// Shows the differences of `n` elements from element `first` on of every model still open.
    private void differences(long first, int n, Scratch scratch, Visitor visitor) {
        float[] base = tiles.read(first, n, 0, scratch);
        SteppedArithmetic rounding = tiles.stepped(scratch);
        for (int k = 0; k < open.length; k++) {
            if (open[k]) {
                float[] d = tiles.read(first, n, k + 1, scratch);
                for (int i = 0; i < n; i++) {
                    d[i] -= base[i];
                }
                if (tiles.roundTo().isPresent()) {
                    rounding.round(d, n);
                }
                visitor.differences(k, d, n);
            }
        }
    }
}
