package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation.Thinning;
import dev.tailor.merge.internal.kernel.RandomBits;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.BitSet;

/// MAGPRUNE of DELLA (Deep et al. 2024, section 3.1): within a row of `n` elements, the one of rank
/// `r` (0 is the smallest magnitude) is kept with probability `density - epsilon + 2 epsilon r / (n
/// - 1)`. Equal magnitudes share the mean of their ranks.
///
/// What is drawn is remembered, a bit an element, so that rows are ranked once.
final class RankedChance implements Thinner.Rule {
    private static final int MAGNITUDE = 0x7FFF_FFFF;

    private final Work work;
    private final RandomBits random;
    private final double lowest;
    private final double spread;
    private final @Nullable BitSet[] dropped;

    RankedChance(Work work, RandomBits random, Thinning.RankedRandom ranked) {
        this.work = work;
        this.random = random;
        this.lowest = ranked.density() - ranked.epsilon();
        this.spread = 2 * ranked.epsilon();
        this.dropped = new BitSet[work.tiles().count()];
    }

    @Override
    public void apply(int tile, float[] d, int n) {
        BitSet drops = dropped[tile];
        if (drops == null) {
            drops = draw(work.tiles().first(tile), d, n);
            dropped[tile] = drops;
        }
        for (int i = drops.nextSetBit(0); i >= 0; i = drops.nextSetBit(i + 1)) {
            d[i] = 0;
        }
    }

    private BitSet draw(long first, float[] d, int n) {
        BitSet drops = new BitSet(n);
        int length = Math.toIntExact(work.tiles().rowLength());
        int[] sorted = new int[length];
        for (int row = 0; row < n; row += length) {
            for (int i = 0; i < length; i++) {
                sorted[i] = Float.floatToRawIntBits(d[row + i]) & MAGNITUDE;
            }
            Arrays.sort(sorted);
            for (int i = 0; i < length; i++) {
                double u = random.at(first + row + i) * 0x1p-32;
                if (!isKept(Float.floatToRawIntBits(d[row + i]) & MAGNITUDE, u, sorted)) {
                    drops.set(row + i);
                }
            }
        }
        return drops;
    }

    /// Whether the chance of an element of that magnitude is above `u`: whether its rank is above
    /// that whose chance is `u`.
    private boolean isKept(int bits, double u, int[] sorted) {
        int last = sorted.length - 1;
        double rank = last == 0 ? (u - lowest - spread / 2) : (u - lowest) / spread * last;
        if (rank < 0) {
            return true;
        }
        if (rank >= last) {
            return false;
        }
        int other = sorted[(int) rank];
        if (bits != other) {
            return bits > other;
        }
        int from = (int) rank;
        int to = from;
        while (from > 0 && sorted[from - 1] == bits) {
            from--;
        }
        while (to < last && sorted[to + 1] == bits) {
            to++;
        }
        return (from + to) / 2.0 > rank;
    }
}
