package dev.tailor.eval.statistics;

/// McNemar's test of two models that answer the same questions right or wrong: only questions that
/// one of them has right and the other wrong tell them apart, and if the models are equally good,
/// each of those falls to either side with the same chance (McNemar 1947).
///
/// The p-value is exact for any count: the two-sided binomial test, not its chi-squared
/// approximation.
///
/// @param wins questions that only the second model has right
/// @param losses questions that only the first model has right
public record McNemar(int wins, int losses) {
    /// The chance of a split at least as uneven as this one between equally good models.
    public double pValue() {
        int n = wins + losses;
        int fewer = Math.min(wins, losses);
        if (wins == losses) {
            return 1;
        }
        double logChoose = 0;
        double logHalf = -n * Math.log(2);
        double tail = 0;
        for (int k = 0; k <= fewer; k++) {
            tail += Math.exp(logChoose + logHalf);
            logChoose += Math.log((double) (n - k) / (k + 1));
        }
        return Math.min(1, 2 * tail);
    }
}
