package dev.tailor.merge.internal.method;

import dev.tailor.merge.internal.kernel.Arithmetic;

/// NearSwap (the method of QuartetAnemoi): each element of the first input goes to the second's by
/// the share `t / |a - b|`, at most all the way.
final class Nearswap {
    /// Distances count as at least this.
    private static final double LEAST_DISTANCE = 1e-6;

    private Nearswap() {}

    /// The quotient is a product with the reciprocal, as in mergekit: that shows in last bits.
    static TileOperation prepare(Work work, float t) {
        return TileOperation.of(
                work,
                (tile, scratch) -> {
                    int n = work.tiles().size(tile);
                    Arithmetic steps = work.arithmetic(scratch, n);
                    float[] a = work.tiles().load(tile, 0, scratch);
                    float[] b = work.tiles().load(tile, 1, scratch);
                    float[] share = scratch.input(2, n);
                    float least = steps.round(LEAST_DISTANCE);
                    for (int i = 0; i < n; i++) {
                        share[i] = Math.max(Math.abs(a[i] - b[i]), least);
                    }
                    steps.round(share, n);
                    for (int i = 0; i < n; i++) {
                        share[i] = 1 / share[i];
                    }
                    steps.round(share, n);
                    for (int i = 0; i < n; i++) {
                        share[i] = Math.min(Math.max(share[i] * t, 0), 1);
                    }
                    steps.round(share, n);
                    mix(a, b, share, scratch.output(n), n, steps);
                });
    }

    /// `out = share * b + (1 - share) * a`; overwrites both and the share.
    private static void mix(
            float[] a, float[] b, float[] share, float[] out, int n, Arithmetic steps) {
        for (int i = 0; i < n; i++) {
            b[i] *= share[i];
            share[i] = 1 - share[i];
        }
        steps.round(b, n);
        steps.round(share, n);
        for (int i = 0; i < n; i++) {
            a[i] *= share[i];
        }
        steps.round(a, n);
        System.arraycopy(a, 0, out, 0, n);
        steps.add(b, out, n);
    }
}
