package dev.tailor.merge;

import java.util.List;

/// How one tensor of the output is made of its inputs: a merge method with the parameters that hold
/// for this tensor. Where a method has an origin, it is the first input.
public sealed interface Operation {
    /// Whether random numbers are drawn.
    default boolean isRandom() {
        return this instanceof TaskVectors vectors
                && vectors.thinning().stream()
                        .anyMatch(each ->
                                each instanceof Thinning.Random
                                        || each instanceof Thinning.RankedRandom);
    }

    /// The input as it is, times `scale`.
    record Copy(double scale) implements Operation {}

    /// The weighted sum of the inputs, divided by the sum of the weights if `normalize`.
    record Linear(List<Double> weights, boolean normalize) implements Operation {}

    /// Between the first input (`t` = 0) and the second (`t` = 1) on the arc.
    record Slerp(double t) implements Operation {}

    /// Between two inputs on the arc, `weights` saying where.
    ///
    /// @param vectors what is turned as one
    /// @param fromOrigin whether the first input is an origin and the others' differences are meant
    record Nuslerp(List<Double> weights, Vectors vectors, boolean fromOrigin)
            implements Operation {}

    /// What a spherical interpolation takes for a vector.
    enum Vectors {
        /// The whole tensor.
        TENSOR,
        /// Each row: the elements along the last dimension.
        ROWS,
        /// Each column: the elements along the first dimension.
        COLUMNS
    }

    /// The weighted mean on the sphere, by the tangent space at the projected mean.
    ///
    /// @param fromOrigin whether the first input is an origin and the others' differences are meant
    record Multislerp(
            List<Double> weights, boolean normalizeWeights, double epsilon, boolean fromOrigin)
            implements Operation {}

    /// The Riemannian mean of the inputs' directions, as long as the inputs are on average.
    record Karcher(int maxIterations, double tolerance) implements Operation {}

    /// Between the origin and the mean of the other inputs, as far as the angles between their
    /// differences say; with `filterWise` row by row.
    record ModelStock(boolean filterWise) implements Operation {}

    /// The origin plus differences of the other inputs: thinned, weighted, added.
    ///
    /// @param thinning by model, what is dropped of its difference
    /// @param consensus whether only elements of the sign that the majority has are added
    /// @param normalize whether the sum is divided by the sum of the weights that took part
    /// @param rescale whether a thinned difference is scaled back to its former L1 norm
    /// @param lambda what the sum is multiplied by
    record TaskVectors(
            List<Double> weights,
            List<Thinning> thinning,
            boolean consensus,
            boolean normalize,
            boolean rescale,
            double lambda)
            implements Operation {}

    /// Which elements of a difference are dropped.
    sealed interface Thinning {
        /// None.
        record Nothing() implements Thinning {}

        /// All but the share `density` with the largest magnitudes (TIES).
        record Magnitude(double density) implements Thinning {}

        /// The share `gamma` with the largest magnitudes, and of the smallest so many that the
        /// share `density` is left (Model breadcrumbs).
        record Outliers(double density, double gamma) implements Thinning {}

        /// Each with probability `1 - density` (DARE).
        record Random(double density) implements Thinning {}

        /// Each at random, the smallest magnitude of a row kept with probability `density -
        /// epsilon`, the largest with `density + epsilon`, the others by their rank (DELLA).
        record RankedRandom(double density, double epsilon) implements Thinning {}
    }

    /// Differences to the origin, cut to the share `selected` of the positions where they vary
    /// most, weighted by their energy, of the sign that the majority has.
    record Sce(double selected) implements Operation {}

    /// Differences to the origin, averaged where several exceed `epsilon`, whole where one does,
    /// there times `1 + r * clip(shared / unique, 0, alpha)`.
    record Ram(double r, double alpha, double epsilon) implements Operation {}

    /// The first input, drawn to the second by `t` over their distance, at most all the way.
    record Nearswap(double t) implements Operation {}

    /// The first input, with the second's values where their importance (difference times
    /// divergence of the rows' softmax) is an outlier.
    record Fusion() implements Operation {}
}
