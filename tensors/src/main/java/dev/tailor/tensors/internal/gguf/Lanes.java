package dev.tailor.tensors.internal.gguf;

/// Groups of numbers side by side: number 0 of every group, then number 1 of every group. Loops
/// over the groups are vector code (which the compiler makes where all arrays have the same index),
/// and within each group sums are taken in order.
///
/// @param x number `i` of group `g` is `x[i][g]`
record Lanes(float[][] x) {
    /// Adding and subtracting it rounds to the nearest whole number, ties to even.
    static final float ROUNDING = 12_582_912f;

    /// As many groups as `n` numbers make.
    static Lanes of(float[] source, int at, int n, int size) {
        int groups = n / size;
        float[][] x = new float[size][groups];
        for (int g = 0; g < groups; g++) {
            for (int i = 0; i < size; i++) {
                x[i][g] = source[at + g * size + i];
            }
        }
        return new Lanes(x);
    }

    /// How many groups there are.
    int groups() {
        return x[0].length;
    }

    /// Numbers in a group.
    int size() {
        return x.length;
    }

    /// The nearest whole number, between `low` and `high`.
    static float round(float value, float low, float high) {
        return Math.max(low, Math.min(high, value + ROUNDING - ROUNDING));
    }
}
