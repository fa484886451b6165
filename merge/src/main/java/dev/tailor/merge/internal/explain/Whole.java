package dev.tailor.merge.internal.explain;

/// Sums over a tensor, or over several: `r` is the reference, `y` the result as it is written. What
/// is not defined is NaN.
///
/// @param reference `Σ r²`
/// @param change `Σ (y - r)²`
/// @param product `Σ r (y - r)`
/// @param shared positions where two or more models differ from the base
/// @param conflicts those of them where the signs of the differences are not all the same
record Whole(double reference, double change, double product, double shared, double conflicts) {
    Whole plus(Whole other) {
        return new Whole(
                reference + other.reference,
                change + other.change,
                product + other.product,
                shared + other.shared,
                conflicts + other.conflicts);
    }

    double referenceNorm() {
        return Math.sqrt(reference);
    }

    double changeNorm() {
        return Math.sqrt(change);
    }

    double relativeChange() {
        return Ratio.of(changeNorm(), referenceNorm());
    }

    /// The cosine of result and reference.
    double cosine() {
        return Ratio.cosineOfSum(reference, product, change);
    }

    double conflictShare() {
        return Ratio.of(conflicts, shared);
    }
}
