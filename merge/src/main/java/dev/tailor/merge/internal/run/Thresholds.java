package dev.tailor.merge.internal.run;

import dev.tailor.merge.internal.kernel.SteppedArithmetic;

import java.util.List;

/// Which magnitudes of a task vector are kept: exactly the `k` largest of the tensor, and among
/// equal ones those that stand first.
///
/// The k-th largest is found without sorting: the bits of a positive float are ordered like its
/// value, so a histogram of the upper 16 of their 31 bits and one of the lower 15 within the bin
/// that is hit give it exactly. Counts are whole numbers, so the threads' order does not matter.
///
/// @param bits the bits of the smallest magnitude that is kept
/// @param kept how many of the elements with exactly these bits are kept in each tile; empty: all
record Thresholds(int bits, int[] kept) {
    private static final int LOW_BITS = 15;
    private static final int UPPER_BINS = 1 << 16;
    private static final int LOWER_BINS = 1 << LOW_BITS;
    private static final int MAGNITUDE = 0x7FFF_FFFF;

    /// Everything is kept.
    static final Thresholds NONE = new Thresholds(0, new int[0]);

    /// Nothing is kept.
    static final Thresholds ALL = new Thresholds(Integer.MAX_VALUE, new int[0]);

    /// The thresholds of the inputs after the first, which is the origin; `densities` are the
    /// shares to keep.
    static Thresholds[] find(
            TensorTiles tiles, List<Double> densities, Workers workers, List<Scratch> scratches) {
        int models = densities.size();
        Thresholds[] found = new Thresholds[models];
        long[] keep = new long[models];
        boolean[] open = new boolean[models];
        boolean any = false;
        for (int k = 0; k < models; k++) {
            double density = densities.get(k);
            keep[k] = (long) (density * tiles.elements());
            open[k] = density < 1 && keep[k] > 0;
            found[k] = density >= 1 ? NONE : ALL;
            any |= open[k];
        }
        if (!any) {
            return found;
        }
        Search search = new Search(tiles, open, workers, scratches);
        long[][] upper = search.histograms(UPPER_BINS, (k, bits) -> bits >>> LOW_BITS);
        int[] bin = new int[models];
        for (int k = 0; k < models; k++) {
            if (open[k]) {
                bin[k] = reach(upper[k], keep[k]);
                keep[k] -= above(upper[k], bin[k]);
            }
        }
        long[][] lower =
                search.histograms(
                        LOWER_BINS,
                        (k, bits) -> bits >>> LOW_BITS == bin[k] ? bits & LOWER_BINS - 1 : -1);
        int[] threshold = new int[models];
        boolean[] split = new boolean[models];
        for (int k = 0; k < models; k++) {
            if (open[k]) {
                int low = reach(lower[k], keep[k]);
                keep[k] -= above(lower[k], low);
                threshold[k] = bin[k] << LOW_BITS | low;
                // Pruning a zero changes nothing, so zeros need no order.
                split[k] = keep[k] < lower[k][low] && threshold[k] > 0;
                found[k] = new Thresholds(threshold[k], new int[0]);
            }
        }
        return search.splitTies(found, keep, split);
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

    /// Makes a tile ready for a kernel that keeps what reaches a threshold: elements at the
    /// threshold beyond those kept are set to the origin. Returns the threshold for the kernel.
    int apply(int tile, float[] base, float[] x, int n, SteppedArithmetic rounding, boolean round) {
        if (kept.length == 0) {
            return bits;
        }
        int left = kept[tile];
        if (left == 0) {
            return bits + 1;
        }
        float[] d = difference(base, x, n, rounding, round);
        for (int i = 0; i < n; i++) {
            if ((Float.floatToRawIntBits(d[i]) & MAGNITUDE) == bits && --left < 0) {
                x[i] = base[i];
            }
        }
        return bits;
    }

    private static float[] difference(
            float[] base, float[] x, int n, SteppedArithmetic rounding, boolean round) {
        float[] d = new float[n];
        for (int i = 0; i < n; i++) {
            d[i] = x[i] - base[i];
        }
        if (round) {
            rounding.round(d, n);
        }
        return d;
    }

    /// Chooses the bin of an element's magnitude, or a negative number.
    private interface Bin {
        int of(int model, int bits);
    }

    /// Passes over the tensor.
    private record Search(
            TensorTiles tiles, boolean[] open, Workers workers, List<Scratch> scratches) {
        long[][] histograms(int bins, Bin bin) {
            int models = open.length;
            int[][][] counts = new int[workers.threads()][models][];
            // A bin of one thread's histogram is an int: tensors have fewer elements per thread.
            workers.run(
                    tiles.count(),
                    (worker, tile) -> {
                        visit(
                                worker,
                                tile,
                                (k, d, n) -> {
                                    if (counts[worker][k] == null) {
                                        counts[worker][k] = new int[bins];
                                    }
                                    int[] histogram = counts[worker][k];
                                    for (int i = 0; i < n; i++) {
                                        int index =
                                                bin.of(
                                                        k,
                                                        Float.floatToRawIntBits(d[i]) & MAGNITUDE);
                                        if (index >= 0) {
                                            histogram[index]++;
                                        }
                                    }
                                });
                    });
            long[][] sums = new long[models][bins];
            for (int[][] perModel : counts) {
                for (int k = 0; k < models; k++) {
                    for (int i = 0; perModel[k] != null && i < bins; i++) {
                        sums[k][i] += perModel[k][i];
                    }
                }
            }
            return sums;
        }

        Thresholds[] splitTies(Thresholds[] found, long[] keep, boolean[] split) {
            int models = found.length;
            int[][] ties = new int[models][];
            boolean any = false;
            for (int k = 0; k < models; k++) {
                if (split[k]) {
                    ties[k] = new int[tiles.count()];
                    any = true;
                }
            }
            if (!any) {
                return found;
            }
            workers.run(
                    tiles.count(),
                    (worker, tile) ->
                            visit(
                                    worker,
                                    tile,
                                    (k, d, n) -> {
                                        if (split[k]) {
                                            ties[k][tile] = count(d, found[k].bits(), n);
                                        }
                                    }));
            for (int k = 0; k < models; k++) {
                if (split[k]) {
                    long left = keep[k];
                    for (int tile = 0; tile < ties[k].length; tile++) {
                        ties[k][tile] = (int) Math.min(left, ties[k][tile]);
                        left -= ties[k][tile];
                    }
                    found[k] = new Thresholds(found[k].bits(), ties[k]);
                }
            }
            return found;
        }

        private static int count(float[] d, int bits, int n) {
            int count = 0;
            for (int i = 0; i < n; i++) {
                count += (Float.floatToRawIntBits(d[i]) & MAGNITUDE) == bits ? 1 : 0;
            }
            return count;
        }

        private interface Visitor {
            void differences(int model, float[] d, int n);
        }

        private void visit(int worker, int tile, Visitor visitor) {
            Scratch scratch = scratches.get(worker);
            int n = tiles.size(tile);
            float[] base = tiles.load(tile, 0, scratch);
            SteppedArithmetic rounding = tiles.stepped(scratch);
            for (int k = 0; k < open.length; k++) {
                if (open[k]) {
                    float[] d = tiles.load(tile, k + 1, scratch);
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
}
