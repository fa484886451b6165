package dev.tailor.eval.report;

import dev.tailor.eval.Metric;

import java.util.List;
import java.util.OptionalDouble;

/// What tuning brought in one task, by the task's first metric.
///
/// @param task the task
/// @param category what it is reported under
/// @param base the model before
/// @param tuned the model after
/// @param before the base's figure, of the fewest examples if it was asked with several numbers
/// @param after the tuned model's figure
/// @param samples the number of items behind it; 0 if only figures are known
/// @param shots the base's figure by number of examples; empty if it was asked in one way only
/// @param baseline the figure of the baseline, where it has one
/// @param pValue of the difference after Holm's correction; empty where items cannot be compared
public record Gain(
        String task,
        String category,
        String base,
        String tuned,
        Metric before,
        Metric after,
        int samples,
        List<ShotFigure> shots,
        OptionalDouble baseline,
        OptionalDouble pValue) {
    private static final double LEVEL = 0.05;

    /// The base's figure with a number of examples before each question.
    public record ShotFigure(int shots, Metric metric) {}

    /// How much better the tuned model is: positive for the better, whatever the metric.
    public double value() {
        return better(after.value(), before.value());
    }

    /// Whether the tuned model is better, by the figures alone.
    public boolean isWin() {
        return value() > 0;
    }

    /// Whether the difference is significant at 5 % after the correction.
    public boolean isSignificant() {
        return pValue.isPresent() && pValue.getAsDouble() <= LEVEL;
    }

    /// Whether the tuned model is better than the baseline; empty without a baseline's figure.
    public java.util.Optional<Boolean> beatsBaseline() {
        return baseline.isPresent()
                ? java.util.Optional.of(better(after.value(), baseline.getAsDouble()) > 0)
                : java.util.Optional.empty();
    }

    /// How much better the tuned model is than the base with the examples that help it most; empty
    /// if the base was asked in one way only.
    public OptionalDouble overBestShots() {
        return shots.stream().mapToDouble(s -> better(after.value(), s.metric().value())).min();
    }

    private double better(double one, double other) {
        return after.higherIsBetter() ? one - other : other - one;
    }

    Gain withPValue(double p) {
        return new Gain(
                task,
                category,
                base,
                tuned,
                before,
                after,
                samples,
                shots,
                baseline,
                OptionalDouble.of(p));
    }
}
