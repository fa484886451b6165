package dev.tailor.eval;

import java.util.OptionalDouble;

/// A measured figure with what is needed for its uncertainty.
///
/// `influence` holds, for each sample in order, how far that sample pulls the figure from its value
/// (for a mean: the sample's value minus the mean; for other smooth statistics: the linearisation,
/// scaled alike). The standard error follows from it, and so does the standard error of a
/// difference between two models on the same samples, which is far smaller than that of two
/// independent measurements.
///
/// @param name name within its task, such as `exact_match`
/// @param value the figure
/// @param influence one number per sample; empty where no uncertainty is known
/// @param higherIsBetter which direction is an improvement
public record Metric(String name, double value, double[] influence, boolean higherIsBetter) {
    /// The mean of one value per sample.
    public static Metric mean(String name, double[] values, boolean higherIsBetter) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        double mean = values.length == 0 ? 0 : sum / values.length;
        double[] influence = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            influence[i] = values[i] - mean;
        }
        return new Metric(name, mean, influence, higherIsBetter);
    }

    /// `exp(-(sum of logProbs) / (sum of units))`, a perplexity per unit. The uncertainty treats
    /// samples as clusters: the delta method for a ratio of two sums (Cochran, Sampling Techniques,
    /// 6.3).
    public static Metric perplexity(String name, double[] logProbs, double[] units) {
        double[] influence = ratioInfluence(logProbs, units);
        double value = Math.exp(-ratio(logProbs, units));
        for (int i = 0; i < influence.length; i++) {
            influence[i] *= -value;
        }
        return new Metric(name, value, influence, false);
    }

    /// `scale * (sum of values) / (sum of units)`, such as bits per byte.
    public static Metric ratio(String name, double[] values, double[] units, double scale) {
        double[] influence = ratioInfluence(values, units);
        for (int i = 0; i < influence.length; i++) {
            influence[i] *= scale;
        }
        return new Metric(name, scale * ratio(values, units), influence, false);
    }

    /// `(sum of hits) / (sum of units)`, such as the share of instructions that were followed where
    /// each sample has several.
    public static Metric share(String name, double[] hits, double[] units) {
        return new Metric(name, ratio(hits, units), ratioInfluence(hits, units), true);
    }

    /// The standard error; empty with fewer than two samples.
    public OptionalDouble standardError() {
        return standardError(influence);
    }

    /// The standard error of `this - other` on the same samples; empty when they are not the same
    /// number of samples or fewer than two.
    public OptionalDouble standardErrorOfDifference(Metric other) {
        if (influence.length != other.influence.length) {
            return OptionalDouble.empty();
        }
        double[] difference = new double[influence.length];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = influence[i] - other.influence[i];
        }
        return standardError(difference);
    }

    private static OptionalDouble standardError(double[] influence) {
        int n = influence.length;
        if (n < 2) {
            return OptionalDouble.empty();
        }
        double squares = 0;
        for (double value : influence) {
            squares += value * value;
        }
        return OptionalDouble.of(Math.sqrt(squares / ((double) n * (n - 1))));
    }

    private static double ratio(double[] values, double[] units) {
        double sum = 0;
        double count = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i];
            count += units[i];
        }
        return count == 0 ? 0 : sum / count;
    }

    private static double[] ratioInfluence(double[] values, double[] units) {
        double ratio = ratio(values, units);
        double count = 0;
        for (double unit : units) {
            count += unit;
        }
        double meanUnits = values.length == 0 ? 0 : count / values.length;
        double[] influence = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            influence[i] = meanUnits == 0 ? 0 : (values[i] - ratio * units[i]) / meanUnits;
        }
        return influence;
    }
}
