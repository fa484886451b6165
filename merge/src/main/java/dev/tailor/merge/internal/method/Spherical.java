package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;

import java.util.List;

/// Interpolation of two vectors on the sphere: Shoemake 1985, with the angle θ between both,
/// sin((1-t)θ)/sin θ and sin(tθ)/sin θ.
final class Spherical {
    /// In slerp, vectors whose cosine is beyond this are interpolated linearly.
    private static final double COLINEAR = 0.9995;

    /// In slerp, vectors up to this length have no direction.
    private static final double ZERO_NORM = 1e-8;

    /// In nuslerp, what the length of a vector counts as at least.
    static final double SHORTEST = 1e-7;

    /// In nuslerp, vectors with a smaller sine between them are interpolated linearly. It is the
    /// least that can be told from a cosine; mergekit's 1e-8 cannot. On the same side the two ways
    /// differ by the sine's square.
    private static final double SMALLEST_SINE = 1e-6;

    private static final double ZERO_WEIGHT = 1e-6;

    private Spherical() {}

    /// In single precision and rounded once, as mergekit computes it too.
    static TileOperation slerp(Work work, double t) {
        float[] w = slerp(Combination.gram(work), t);
        return TileOperation.of(
                work,
                (tile, scratch) -> {
                    int n = work.tiles().size(tile);
                    float[] out = scratch.output(n);
                    work.kernels().weightedSum(work.tiles().loadFrom(0, tile, scratch), w, out, n);
                    work.arithmetic(scratch, n).round(out, n);
                });
    }

    private static float[] slerp(Gram gram, double t) {
        List<double[]> x = gram.vectors(false);
        double norm0 = gram.norm(x.get(0));
        double norm1 = gram.norm(x.get(1));
        double cosine =
                gram.product(x.get(0), x.get(1))
                        / (norm0 > ZERO_NORM ? norm0 : 1)
                        / (norm1 > ZERO_NORM ? norm1 : 1);
        if (Math.abs(cosine) > COLINEAR) {
            return new float[] {(float) (1 - t), (float) t};
        }
        double angle = Math.acos(cosine);
        return new float[] {
            (float) (Math.sin((1 - t) * angle) / Math.sin(angle)),
            (float) (Math.sin(t * angle) / Math.sin(angle))
        };
    }

    static TileOperation nuslerp(Work work, Operation.Nuslerp nuslerp) {
        return work.tiles().rounding().isStepwise()
                ? SteppedNuslerp.prepare(work, nuslerp)
                : Combination.prepare(work, nuslerp.vectors(), gram -> nuslerp(gram, nuslerp));
    }

    private static double[] nuslerp(Gram gram, Operation.Nuslerp nuslerp) {
        double t = position(nuslerp.weights());
        List<double[]> x = gram.vectors(nuslerp.fromOrigin());
        double length0 = Math.max(gram.norm(x.get(0)), SHORTEST);
        double length1 = Math.max(gram.norm(x.get(1)), SHORTEST);
        double cosine = gram.product(x.get(0), x.get(1)) / length0 / length1;
        double angle = Math.acos(Math.clamp(cosine, -1, 1));
        double sine = Math.sin(angle);
        boolean colinear = Math.abs(sine) < SMALLEST_SINE;
        double[] result = new double[gram.size()];
        Gram.add(result, colinear ? 1 - t : Math.sin((1 - t) * angle) / sine, x.get(0));
        Gram.add(result, colinear ? t : Math.sin(t * angle) / sine, x.get(1));
        return gram.result(result, nuslerp.fromOrigin());
    }

    /// Where the weights put the result: 0 at the first vector, 1 at the second.
    static double position(List<Double> weights) {
        double sum = weights.get(0) + weights.get(1);
        return Math.abs(sum) < ZERO_WEIGHT ? 0.5 : weights.get(1) / sum;
    }
}
