package dev.tailor.merge.internal.method;

import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;

/// Arcee fusion: the importance of an element is its magnitude of change times the divergence of
/// its row, as a distribution, from the base's. Elements whose importance is an outlier, from the
/// median plus 1.5 interquartile ranges on, are taken over; the others stay the base's.
///
/// The quartiles are those of all elements, at any size: mergekit draws a million at random where
/// there are more, and gives another result each time.
///
/// @param divergences by row
/// @param threshold the least importance that is taken over
record Fusion(Work work, float[] divergences, float threshold) implements TileOperation {
    private static final double[] QUARTILES = {0.25, 0.5, 0.75};
    private static final float RANGES = 1.5f;

    static TileOperation prepare(Work inAnyTiles) {
        Work work = inAnyTiles.ofWholeRows();
        Importance importance = new Importance(work, RowDivergence.ofEach(work));
        return new Fusion(work, importance.divergences(), threshold(work, importance));
    }

    private static float threshold(Work work, Importance importance) {
        if (work.tiles().elements() == 0) {
            return 0;
        }
        float[] quartiles =
                work.tiles().count() == 1 ? sorted(work, importance) : searched(work, importance);
        Arithmetic steps = work.arithmetic(work.scratches().getFirst(), 1);
        float range = steps.round(quartiles[2] - quartiles[0]);
        return steps.round(quartiles[1] + steps.round(RANGES * range));
    }

    /// The place of a quantile among `n` numbers in ascending order: no interpolation.
    private static long rank(double quantile, long n) {
        return (long) (quantile * (n - 1));
    }

    /// The quartiles of a tensor of one tile.
    private static float[] sorted(Work work, Importance importance) {
        int n = work.tiles().size(0);
        float[] all = importance.of(0, n, work.scratches().getFirst());
        Arrays.sort(all, 0, n);
        float[] quartiles = new float[QUARTILES.length];
        for (int i = 0; i < quartiles.length; i++) {
            quartiles[i] = all[(int) rank(QUARTILES[i], n)];
        }
        return quartiles;
    }

    private static float[] searched(Work work, Importance importance) {
        long n = work.tiles().elements();
        List<RankSearch.Query> queries =
                DoubleStream.of(QUARTILES)
                        .mapToObj(quantile ->
                                new RankSearch.Query(
                                        0, n - rank(quantile, n), Cut.Order.FIRST_IS_LARGER))
                        .toList();
        List<Cut> cuts = RankSearch.find(work, importance, queries);
        float[] quartiles = new float[QUARTILES.length];
        for (int i = 0; i < quartiles.length; i++) {
            quartiles[i] = importance.value(Float.intBitsToFloat(cuts.get(i).bits()));
        }
        return quartiles;
    }

    @Override
    public TensorTiles tiles() {
        return work.tiles();
    }

    /// mergekit's mask is float32, and so is the sum that follows: it is not rounded.
    @Override
    public void run(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        float[] base = work.tiles().load(tile, 0, scratch);
        float[] other = work.tiles().load(tile, 1, scratch);
        work.arithmetic(scratch, n).subtract(other, base, n);
        float[] importance = scratch.input(2, n);
        new Importance(work, divergences)
                .of(work.tiles().first(tile), n, other, importance, scratch);
        float[] out = scratch.output(n);
        for (int i = 0; i < n; i++) {
            out[i] = base[i] + (importance[i] >= threshold ? other[i] : 0);
        }
    }

    /// The importance of every element, as numbers whose magnitudes have their order.
    ///
    /// It is not negative, unless every step is rounded: then sums of logarithms that should be 0
    /// or more are what rounding has left of them.
    private record Importance(Work work, float[] divergences) implements Series {
        /// Types that are rounded to leave these bits of a float empty.
        private static final int EMPTY_BITS = 13;

        private static final int ZERO = 1 << 31 - EMPTY_BITS;

        @Override
        public int count() {
            return 1;
        }

        @Override
        public void visit(
                long first, int n, Scratch scratch, IntPredicate wanted, Visitor visitor) {
            float[] importance = of(first, n, scratch);
            if (work.tiles().rounding().isNeeded()) {
                for (int i = 0; i < n; i++) {
                    importance[i] = key(importance[i]);
                }
            }
            visitor.elements(0, importance, n);
        }

        /// A whole number, not negative, in the order of rounded values.
        private static float key(float value) {
            int bits = Float.floatToRawIntBits(value);
            int magnitude = (bits & Integer.MAX_VALUE) >>> EMPTY_BITS;
            return bits < 0 ? ZERO - magnitude : ZERO + magnitude;
        }

        /// The importance that [#visit] shows as `shown`.
        float value(float shown) {
            if (!work.tiles().rounding().isNeeded()) {
                return shown;
            }
            int key = (int) shown - ZERO;
            float magnitude = Float.intBitsToFloat(Math.abs(key) << EMPTY_BITS);
            return key < 0 ? -magnitude : magnitude;
        }

        /// The importance of `n` elements from `first` on, in a buffer of the thread.
        float[] of(long first, int n, Scratch scratch) {
            float[] base = work.tiles().read(first, n, 0, scratch);
            float[] difference = work.tiles().read(first, n, 1, scratch);
            work.arithmetic(scratch, n).subtract(difference, base, n);
            of(first, n, difference, difference, scratch);
            return difference;
        }

        void of(long first, int n, float[] difference, float[] importance, Scratch scratch) {
            long length = work.tiles().rowLength();
            int from = 0;
            while (from < n) {
                int row = (int) ((first + from) / length);
                int to = (int) Math.min(n, (row + 1) * length - first);
                float divergence = divergences[row];
                for (int i = from; i < to; i++) {
                    importance[i] = Math.abs(difference[i]) * divergence;
                }
                from = to;
            }
            work.arithmetic(scratch, n).round(importance, n);
        }
    }
}
