package dev.tailor.eval.statistics;

import dev.tailor.core.Seed;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/// The bootstrap of a difference between two models over the same items (Efron and Tibshirani 1993,
/// chapters 13 and 16): items are drawn with replacement, both models' figures for an item
/// together.
///
/// @param low lower end of the 95 % percentile interval
/// @param high its upper end
/// @param pValue twice the share of resamples whose difference lies on the other side of nothing
public record PairedBootstrap(double low, double high, double pValue) {
    private static final int MOST_RESAMPLES = 10_000;
    private static final int FEWEST_RESAMPLES = 1_000;
    private static final long MOST_DRAWS = 20_000_000;

    /// The bootstrap of a difference: 10,000 resamples, fewer (but 1,000) of very many items. The
    /// same seed gives the same numbers.
    ///
    /// @param difference the difference that was measured
    /// @param deviations for each item how far it pulls the difference from that value; for means:
    ///   the item's own difference minus `difference`
    public static PairedBootstrap of(double difference, double[] deviations, Seed seed) {
        int n = deviations.length;
        if (n == 0) {
            throw new IllegalArgumentException("a bootstrap needs items");
        }
        int resamples = (int) Math.clamp(MOST_DRAWS / n, FEWEST_RESAMPLES, MOST_RESAMPLES);
        RandomGenerator random = seed.of("paired-bootstrap").generator();
        double[] differences = new double[resamples];
        int above = 0;
        int below = 0;
        for (int i = 0; i < resamples; i++) {
            double sum = 0;
            for (int j = 0; j < n; j++) {
                sum += deviations[random.nextInt(n)];
            }
            differences[i] = difference + sum / n;
            above += differences[i] >= 0 ? 1 : 0;
            below += differences[i] <= 0 ? 1 : 0;
        }
        Arrays.sort(differences);
        double p = 2.0 * (1 + Math.min(above, below)) / (1 + resamples);
        return new PairedBootstrap(
                quantile(differences, 0.025), quantile(differences, 0.975), Math.min(1, p));
    }

    /// The quantile by linear interpolation between order statistics.
    private static double quantile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
