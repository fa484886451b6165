package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation.Thinning;
import dev.tailor.merge.internal.kernel.RandomBits;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// MAGPRUNE of DELLA (Deep et al. 2024, section 3.1): within a row of `n` elements, the one of rank
/// `r` (0 is the smallest magnitude) is kept with probability `density - epsilon + 2 epsilon r / (n
/// - 1)`. Equal magnitudes share the mean of their ranks.
///
/// Rows are not sorted: magnitudes are counted by their exponent and first bits, which says of each
/// between which two ranks it lies. The number drawn for an element is seldom between the chances
/// of these two; only then its rank is counted. What is drawn is remembered, a bit an element.
final class RankedChance implements Thinner.Rule {
    private static final int MAGNITUDE = 0x7FFF_FFFF;

    /// Bits of a magnitude within a bin: 64 bins for each power of two.
    private static final int BIN_BITS = 17;

    /// Below 16 powers of two under the largest magnitude, all lie in one bin.
    private static final int BINS = 16 << 23 - BIN_BITS;

    private final Work work;
    private final RandomBits random;
    private final Thinning.RankedRandom ranked;
    private final @Nullable long[][] kept;

    RankedChance(Work work, RandomBits random, Thinning.RankedRandom ranked) {
        this.work = work;
        this.random = random;
        this.ranked = ranked;
        this.kept = new long[work.tiles().count()][];
    }

    @Override
    public void apply(int tile, float[] d, int n) {
        long[] keeps = kept[tile];
        if (keeps == null) {
            keeps = draw(work.tiles().first(tile), d, n);
            kept[tile] = keeps;
        }
        for (int i = 0; i < n; i++) {
            int mask = -(int) (keeps[i >>> 6] >>> i & 1);
            d[i] = Float.intBitsToFloat(Float.floatToRawIntBits(d[i]) & mask);
        }
    }

    private long[] draw(long first, float[] d, int n) {
        long[] keeps = new long[(n + 63) / 64];
        Row row = new Row(Math.toIntExact(work.tiles().rowLength()));
        for (int at = 0; at < n; at += row.length) {
            row.draw(first + at, d, at, keeps);
        }
        return keeps;
    }

    /// The work on one row, with its buffers.
    private final class Row {
        final int length;
        private final int[] magnitudes;
        private final int[] bins;
        private final int[] drawn;
        private final long[] pairs;
        private final int[] counts = new int[BINS];

        /// By bin: what is drawn below is kept, what is drawn from the other on is dropped.
        private final long[] keepBelow = new long[BINS];

        private final long[] dropFrom = new long[BINS];

        /// By bin: the last magnitude whose rank was counted, and its chance.
        private final int[] known = new int[BINS];

        private final long[] chance = new long[BINS];

        Row(int length) {
            this.length = length;
            magnitudes = new int[length];
            bins = new int[length];
            drawn = new int[length];
            pairs = new long[length / 2 + 1];
        }

        /// Sets the bits of the elements of `d` from `at` on that are kept.
        void draw(long first, float[] d, int at, long[] keeps) {
            MemorySegment.copy(
                    MemorySegment.ofArray(d),
                    (long) Float.BYTES * at,
                    MemorySegment.ofArray(magnitudes),
                    0,
                    (long) Float.BYTES * length);
            int largest = 0;
            for (int i = 0; i < length; i++) {
                magnitudes[i] &= MAGNITUDE;
                largest = Math.max(largest, magnitudes[i]);
            }
            int lowest = (largest >>> BIN_BITS) - (BINS - 1);
            for (int i = 0; i < length; i++) {
                bins[i] = Math.max(0, (magnitudes[i] >>> BIN_BITS) - lowest);
            }
            findChances();
            random.fill(first, length, pairs, drawn);
            int next = 0;
            while (next < length) {
                int word = at + next >>> 6;
                int end = Math.min(length, (word + 1 << 6) - at);
                keeps[word] |= draw(next, end, at);
                next = end;
            }
        }

        /// The bits of elements `from` to `to - 1`, which share a word; without branches, since
        /// what is drawn cannot be foreseen.
        private long draw(int from, int to, int at) {
            long kept = 0;
            long open = 0;
            for (int i = from; i < to; i++) {
                long number = Integer.toUnsignedLong(drawn[i]);
                long isKept = number - keepBelow[bins[i]] >>> 63;
                long isNotDropped = number - dropFrom[bins[i]] >>> 63;
                kept |= isKept << (at + i);
                open |= (isKept ^ isNotDropped) << (at + i);
            }
            while (open != 0) {
                int bit = Long.numberOfTrailingZeros(open);
                int i = (at + from & -64) + bit - at;
                // Zeros stay what they are.
                if (magnitudes[i] != 0 && Integer.toUnsignedLong(drawn[i]) < chance(i)) {
                    kept |= 1L << bit;
                }
                open &= open - 1;
            }
            return kept;
        }

        private void findChances() {
            Arrays.fill(counts, 0);
            for (int bin : bins) {
                counts[bin]++;
            }
            int below = 0;
            for (int bin = 0; bin < BINS; bin++) {
                if (counts[bin] > 0) {
                    keepBelow[bin] = chanceOfRank(below);
                    below += counts[bin];
                    dropFrom[bin] = chanceOfRank(below - 1);
                    known[bin] = 0;
                }
            }
        }

        private long chance(int i) {
            int bin = bins[i];
            if (known[bin] != magnitudes[i]) {
                known[bin] = magnitudes[i];
                chance[bin] = chanceOfRank(meanRank(magnitudes[i]));
            }
            return chance[bin];
        }

        private double meanRank(int magnitude) {
            int smaller = 0;
            int notLarger = 0;
            for (int i = 0; i < length; i++) {
                smaller += magnitudes[i] - magnitude >>> 31;
                notLarger += magnitudes[i] - magnitude - 1 >>> 31;
            }
            return (smaller + notLarger - 1) / 2.0;
        }

        /// What the number drawn for an element of that rank must be below.
        private long chanceOfRank(double rank) {
            double position = length == 1 ? 0.5 : rank / (length - 1);
            return RandomBits.chance(
                    ranked.density() - ranked.epsilon() + 2 * ranked.epsilon() * position);
        }
    }
}
