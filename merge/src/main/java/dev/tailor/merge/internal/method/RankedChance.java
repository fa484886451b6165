package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation.Thinning;
import dev.tailor.merge.internal.kernel.RandomBits;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// MAGPRUNE of DELLA (Deep et al. 2024, section 3.1): within a row of `n` elements, the one of rank
/// `r` (0 is the smallest magnitude) is kept with probability `density - epsilon + 2 epsilon r / (n
/// - 1)`. Equal magnitudes share the mean of their ranks.
///
/// An element is kept if its chance is above the number drawn for it, that is if its rank is above
/// the one whose chance was drawn: if it is larger than the element of that rank in the sorted row.
/// So rows are sorted, but no element's rank is ever sought. What is drawn is remembered, a bit an
/// element, so that rows are sorted once.
final class RankedChance implements Thinner.Rule {
    private static final int MAGNITUDE = 0x7FFF_FFFF;

    private final Work work;
    private final RandomBits random;
    private final double lowest;
    private final double spread;
    private final @Nullable long[][] kept;

    RankedChance(Work work, RandomBits random, Thinning.RankedRandom ranked) {
        this.work = work;
        this.random = random;
        this.lowest = ranked.density() - ranked.epsilon();
        this.spread = 2 * ranked.epsilon();
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
        int length = Math.toIntExact(work.tiles().rowLength());
        // Something smaller than everything before the row and something larger after it.
        int[] sorted = new int[length + 2];
        int[] bits = new int[length];
        for (int row = 0; row < n; row += length) {
            for (int i = 0; i < length; i++) {
                bits[i] = Float.floatToRawIntBits(d[row + i]) & MAGNITUDE;
            }
            sorted[0] = -1;
            System.arraycopy(bits, 0, sorted, 1, length);
            Arrays.sort(sorted, 1, length + 1);
            sorted[length + 1] = Integer.MAX_VALUE;
            drawRow(first + row, row, bits, sorted, keeps);
        }
        return keeps;
    }

    private void drawRow(long first, int at, int[] bits, int[] sorted, long[] keeps) {
        int last = bits.length - 1;
        double ranksPerChance = spread > 0 ? last / spread : 0;
        for (int i = 0; i < bits.length; i++) {
            double u = random.at(first + i) * 0x1p-32;
            // From -1, where every rank is kept, to the length, where none is.
            double rank =
                    last == 0 || spread == 0
                            ? (u < lowest + spread / 2 ? -1 : last + 1)
                            : Math.clamp((u - lowest) * ranksPerChance, -1.0, last + 1.0);
            int below = (int) Math.floor(rank) + 1;
            int other = sorted[Math.min(below, last + 2)];
            boolean isKept = bits[i] > other;
            if (bits[i] == other) {
                isKept = meanRank(below - 1, sorted) > rank;
            }
            keeps[at + i >>> 6] |= (isKept ? 1L : 0L) << (at + i);
        }
    }

    /// The mean of the ranks of those elements that equal the one of rank `rank`.
    private static double meanRank(int rank, int[] sorted) {
        int from = rank + 1;
        int to = from;
        while (from > 1 && sorted[from - 1] == sorted[rank + 1]) {
            from--;
        }
        while (to < sorted.length - 2 && sorted[to + 1] == sorted[rank + 1]) {
            to++;
        }
        return (from + to) / 2.0 - 1;
    }
}
