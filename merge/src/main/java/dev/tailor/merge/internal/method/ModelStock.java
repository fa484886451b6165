package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;

import java.util.List;

/// Between the origin and the mean of the models (Jang et al. 2024, arXiv 2403.19522, equation 4):
/// with the mean cosine `c` between the `N` models' differences to the origin, the mean counts `N c
/// / (1 + (N-1) c)`.
final class ModelStock {
    /// What the product of two differences' lengths counts as at least.
    static final double SMALLEST_PRODUCT = 1e-6;

    /// Differences that cancel each other say nothing of the way to go.
    private static final double OPPOSITE = 1e-9;

    private ModelStock() {}

    static TileOperation prepare(Work work, Operation.ModelStock stock) {
        Operation.Vectors vectors =
                stock.filterWise() ? Operation.Vectors.ROWS : Operation.Vectors.TENSOR;
        return work.tiles().rounding().isStepwise()
                ? SteppedModelStock.prepare(work, vectors)
                : Combination.prepare(work, vectors, ModelStock::coefficients);
    }

    private static double[] coefficients(Gram gram) {
        List<double[]> differences = gram.vectors(true);
        int models = differences.size();
        double cosines = 0;
        for (int i = 0; i < models; i++) {
            for (int j = i + 1; j < models; j++) {
                double product = gram.product(differences.get(i), differences.get(j));
                double lengths = gram.norm(differences.get(i)) * gram.norm(differences.get(j));
                cosines += Math.clamp(product / Math.max(lengths, SMALLEST_PRODUCT), -1, 1);
            }
        }
        double cosine = cosines / (models * (models - 1) / 2.0);
        double divisor = 1 + (models - 1) * cosine;
        double share = Math.abs(divisor) < OPPOSITE ? 0 : models * cosine / divisor;
        double[] way = new double[gram.size()];
        differences.forEach(difference -> Gram.add(way, share / models, difference));
        return gram.result(way, true);
    }
}
