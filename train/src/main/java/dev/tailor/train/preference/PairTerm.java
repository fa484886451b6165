package dev.tailor.train.preference;

/// What one pair contributes to the loss, and the derivatives of that: with respect to the policy's
/// log-probability of the chosen answer, of the rejected one, and of the chosen answer's context.
public record PairTerm(double loss, double chosenSlope, double rejectedSlope, double promptSlope) {
    static final PairTerm ZERO = new PairTerm(0, 0, 0, 0);

    /// This and `weight` times another term.
    PairTerm plus(double weight, PairTerm other) {
        return new PairTerm(
                loss + weight * other.loss,
                chosenSlope + weight * other.chosenSlope,
                rejectedSlope + weight * other.rejectedSlope,
                promptSlope + weight * other.promptSlope);
    }
}
