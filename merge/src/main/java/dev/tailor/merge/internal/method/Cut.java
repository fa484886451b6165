package dev.tailor.merge.internal.method;

import dev.tailor.merge.internal.kernel.MergeKernels;

/// Which magnitudes of a tensor are the `k` largest: exactly so many, equal ones by their place.
///
/// @param bits the bits of the smallest magnitude among them
/// @param equal how many of the elements with exactly these bits belong to them in each tile, where
///   it is not all of them; empty: all in every tile
/// @param order which of several equal elements come first
record Cut(int bits, int[] equal, Order order) {
    private static final int MAGNITUDE = 0x7FFF_FFFF;
    private static final int ALL_EQUAL = Integer.MAX_VALUE;

    /// Which of several equal elements count as larger.
    enum Order {
        /// Those of lower index.
        FIRST_IS_LARGER,
        /// Those of higher index.
        LAST_IS_LARGER
    }

    /// All elements.
    static final Cut ALL = new Cut(0, new int[0], Order.FIRST_IS_LARGER);

    /// No element.
    static final Cut NONE = new Cut(Integer.MAX_VALUE, new int[0], Order.FIRST_IS_LARGER);

    /// What is larger than `bits`, and `keep` of the elements that equal it; `ties` are their
    /// numbers by tile.
    static Cut at(int bits, long keep, int[] ties, Order order) {
        int[] equal = new int[ties.length];
        long left = keep;
        for (int i = 0; i < ties.length; i++) {
            int tile = order == Order.FIRST_IS_LARGER ? i : ties.length - 1 - i;
            equal[tile] = ties[tile] <= left ? ALL_EQUAL : (int) left;
            left -= Math.min(left, ties[tile]);
        }
        return new Cut(bits, equal, order);
    }

    /// Sets to 0 what does not belong to the largest of a tile.
    void keep(int tile, float[] d, int n, MergeKernels kernels) {
        int among = equal(tile);
        if (among > 0 && among < ALL_EQUAL) {
            clearEqual(among, d, n, true);
        }
        kernels.keepBetween(d, among > 0 ? bits : bits + 1, MAGNITUDE, n);
    }

    /// Sets to 0 what belongs to the largest of a tile.
    void drop(int tile, float[] d, int n, MergeKernels kernels) {
        int among = equal(tile);
        if (among > 0 && among < ALL_EQUAL) {
            clearEqual(among, d, n, false);
        }
        kernels.keepBetween(d, 0, among < ALL_EQUAL ? bits : bits - 1, n);
    }

    private int equal(int tile) {
        return equal.length == 0 ? ALL_EQUAL : equal[tile];
    }

    /// Sets to 0 those elements equal to `bits` that do not belong to the largest, or those that
    /// do.
    private void clearEqual(int largest, float[] d, int n, boolean others) {
        int among = largest;
        for (int j = 0; j < n; j++) {
            int i = order == Order.FIRST_IS_LARGER ? j : n - 1 - j;
            if ((Float.floatToRawIntBits(d[i]) & MAGNITUDE) == bits) {
                if (--among < 0 == others) {
                    d[i] = 0;
                }
            }
        }
    }
}
