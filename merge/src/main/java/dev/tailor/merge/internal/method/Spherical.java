package dev.tailor.merge.internal.method;

/// Interpolation on the sphere. The result is a linear combination of the inputs whose coefficients
/// follow from the inputs' inner products: one pass for these, one for the combination.
final class Spherical {
    /// Vectors whose cosine is beyond this are interpolated linearly.
    private static final double COLINEAR = 0.9995;

    private static final double ZERO_NORM = 1e-8;

    private Spherical() {}

    /// Shoemake 1985: with the angle θ between both, sin((1-t)θ)/sin θ and sin(tθ)/sin θ. Computed
    /// in single precision and rounded once, as mergekit does it too.
    static TileOperation slerp(Work work, double t) {
        double[] moments = moments(work);
        double norm0 = Math.sqrt(moments[0]);
        double norm1 = Math.sqrt(moments[1]);
        double cosine =
                moments[2] / (norm0 > ZERO_NORM ? norm0 : 1) / (norm1 > ZERO_NORM ? norm1 : 1);
        float[] w = {(float) (1 - t), (float) t};
        if (Math.abs(cosine) <= COLINEAR) {
            double angle = Math.acos(cosine);
            w[0] = (float) (Math.sin((1 - t) * angle) / Math.sin(angle));
            w[1] = (float) (Math.sin(t * angle) / Math.sin(angle));
        }
        return TileOperation.of(
                work,
                (tile, scratch) -> {
                    int n = work.tiles().size(tile);
                    float[] out = scratch.output(n);
                    work.kernels().weightedSum(work.tiles().loadFrom(0, tile, scratch), w, out, n);
                    work.arithmetic(scratch, n).round(out, n);
                });
    }

    /// The squared norms of both inputs and their product.
    private static double[] moments(Work work) {
        return work.sum(
                3,
                (tile, scratch) -> {
                    int n = work.tiles().size(tile);
                    float[] x = work.tiles().load(tile, 0, scratch);
                    float[] y = work.tiles().load(tile, 1, scratch);
                    return new double[] {
                        work.kernels().dot(x, x, n),
                        work.kernels().dot(y, y, n),
                        work.kernels().dot(x, y, n)
                    };
                });
    }
}
