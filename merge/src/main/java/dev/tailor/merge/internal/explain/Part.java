package dev.tailor.merge.internal.explain;

/// Sums over one model's part in a tensor, or in several: `r` is the reference, `d` the model's
/// difference to it, `y` the result as it is written. What is not defined is NaN.
///
/// @param reference `Σ r²`
/// @param change `Σ (y - r)²`
/// @param difference `Σ d²`
/// @param product `Σ r d`
/// @param pull `Σ d (y - r)`
/// @param changed elements of `d` that are not 0
/// @param left those of them that thinning left
/// @param leftDifference `Σ d²` over those
record Part(
        double reference,
        double change,
        double difference,
        double product,
        double pull,
        double changed,
        double left,
        double leftDifference) {
    Part plus(Part other) {
        return new Part(
                reference + other.reference,
                change + other.change,
                difference + other.difference,
                product + other.product,
                pull + other.pull,
                changed + other.changed,
                left + other.left,
                leftDifference + other.leftDifference);
    }

    double norm() {
        return Math.sqrt(difference);
    }

    double relativeNorm() {
        return Ratio.of(norm(), Math.sqrt(reference));
    }

    /// The cosine of model and reference.
    double cosine() {
        return Ratio.cosineOfSum(reference, product, difference);
    }

    /// The cosine of the model's difference and the change that the merge made.
    double changeCosine() {
        return Ratio.cosine(difference, pull, change);
    }

    /// The share of the elements, of those that are not 0, that thinning left.
    double kept() {
        return Ratio.of(left, changed);
    }

    /// The norm of what thinning left over the whole norm.
    double keptNorm() {
        return Math.sqrt(Ratio.of(leftDifference, difference));
    }
}
