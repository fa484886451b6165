package dev.tailor.merge;

import java.util.List;

/// How one tensor of the output is made of its inputs: a merge method with the parameters that hold
/// for this tensor. Where a method has an origin, it is the first input.
public sealed interface Operation {
    /// The input as it is, times `scale`.
    record Copy(double scale) implements Operation {}

    /// The weighted sum of the inputs, divided by the sum of the weights if `normalize`.
    record Linear(List<Double> weights, boolean normalize) implements Operation {}

    /// Between the first input (`t` = 0) and the second (`t` = 1) on the arc.
    record Slerp(double t) implements Operation {}

    /// The origin plus weighted differences of the other inputs.
    record TaskArithmetic(List<Double> weights, boolean normalize, double lambda)
            implements Operation {}

    /// The origin plus pruned differences whose sign the majority agrees with.
    ///
    /// @param densities the share of each difference that is kept, the largest magnitudes
    /// @param rescale whether a pruned difference is scaled back to its former L1 norm
    record Ties(
            List<Double> weights,
            List<Double> densities,
            boolean normalize,
            boolean rescale,
            double lambda)
            implements Operation {}
}
