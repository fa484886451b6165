package dev.tailor.merge.internal.run;

import dev.tailor.merge.internal.kernel.SteppedArithmetic;

/// Which magnitudes of a task vector are kept: exactly the `k` largest of the tensor, and among
/// equal ones those that stand first.
///
/// @param bits the bits of the smallest magnitude that is kept
/// @param kept how many of the elements with exactly these bits are kept in each tile; empty: all
record Thresholds(int bits, int[] kept) {
    private static final int MAGNITUDE = 0x7FFF_FFFF;

    /// Everything is kept.
    static final Thresholds NONE = new Thresholds(0, new int[0]);

    /// Nothing is kept.
    static final Thresholds ALL = new Thresholds(Integer.MAX_VALUE, new int[0]);

    /// Keeps what is larger than `bits`, and the first `keep` of the elements that equal it; `ties`
    /// are their numbers by tile.
    static Thresholds first(int bits, long keep, int[] ties) {
        int[] kept = new int[ties.length];
        long left = keep;
        for (int tile = 0; tile < ties.length; tile++) {
            kept[tile] = (int) Math.min(left, ties[tile]);
            left -= kept[tile];
        }
        return new Thresholds(bits, kept);
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
}
