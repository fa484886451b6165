package dev.tailor.eval.statistics;

/// How small a difference a set of items can show.
public final class DetectableDifference {
    /// Two-sided at 5 %.
    private static final double SIGNIFICANCE_QUANTILE = 1.959963984540054;

    /// Four times in five.
    private static final double POWER_QUANTILE = 0.8416212335729143;

    private DetectableDifference() {}

    /// The true difference that a comparison with this standard error finds significant at 5 % in
    /// 80 % of all repetitions (the normal approximation).
    public static double of(double standardErrorOfDifference) {
        return (SIGNIFICANCE_QUANTILE + POWER_QUANTILE) * standardErrorOfDifference;
    }
}
