package dev.tailor.eval;

import dev.tailor.core.Seed;
import dev.tailor.eval.statistics.DetectableDifference;
import dev.tailor.eval.statistics.Holm;
import dev.tailor.eval.statistics.PairedBootstrap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Two models of a board held against each other by one metric over the same items.
///
/// @param column the metric
/// @param base the model that the other one is compared with
/// @param model the other model
/// @param difference the other model's figure minus the base's
/// @param standardError standard error of the difference
/// @param bootstrap its interval and p-value
/// @param duel items won and lost, where each item has a figure of its own
/// @param adjustedPValue the p-value after Holm's correction for all comparisons of the board
public record PairedComparison(
        Board.Column column,
        String base,
        String model,
        double difference,
        double standardError,
        PairedBootstrap bootstrap,
        Optional<Duel> duel,
        double adjustedPValue) {
    /// The level that p-values are held against.
    public static final double LEVEL = 0.05;

    private static final Seed SEED = new Seed(0);

    /// McNemar's exact p-value for answers that are right or wrong, else the bootstrap's.
    public double pValue() {
        return pValue(bootstrap, duel);
    }

    private static double pValue(PairedBootstrap bootstrap, Optional<Duel> duel) {
        return duel.map(Duel::mcNemar)
                .filter(p -> p.isPresent())
                .map(p -> p.getAsDouble())
                .orElse(bootstrap.pValue());
    }

    /// Whether the difference is significant at 5 % after the correction.
    public boolean isSignificant() {
        return adjustedPValue <= LEVEL;
    }

    /// The true difference that this many items would show in 80 % of all repetitions.
    public double detectable() {
        return DetectableDifference.of(standardError);
    }

    /// Whether the other model is the better one, by the figures alone.
    public boolean isBetter() {
        return difference != 0 && difference > 0 == column.higherIsBetter();
    }

    private PairedComparison withAdjusted(double p) {
        return new PairedComparison(
                column, base, model, difference, standardError, bootstrap, duel, p);
    }

    /// Every model against the base of a board, by every metric whose items are the same.
    public static List<PairedComparison> of(Board board) {
        List<PairedComparison> comparisons = new ArrayList<>();
        for (Board.Column column : board.columns()) {
            for (String model : board.modelNames()) {
                if (!model.equals(board.baseModel())) {
                    of(board, column, board.baseModel(), model).ifPresent(comparisons::add);
                }
            }
        }
        double[] adjusted =
                Holm.adjusted(comparisons.stream().mapToDouble(PairedComparison::pValue).toArray());
        for (int i = 0; i < adjusted.length; i++) {
            comparisons.set(i, comparisons.get(i).withAdjusted(adjusted[i]));
        }
        return comparisons;
    }

    /// Two models by one metric, without a correction; empty unless both were measured on the same
    /// items, two at least.
    public static Optional<PairedComparison> of(
            Board board, Board.Column column, String base, String model) {
        Optional<Metric> before = board.metric(base, column);
        Optional<Metric> after = board.metric(model, column);
        if (before.isEmpty() || after.isEmpty()) {
            return Optional.empty();
        }
        Optional<double[]> deviations = deviations(board, column, base, model);
        if (deviations.isEmpty() || deviations.get().length < 2) {
            return Optional.empty();
        }
        double difference = after.get().value() - before.get().value();
        PairedBootstrap bootstrap = PairedBootstrap.of(difference, deviations.get(), SEED);
        Optional<Duel> duel =
                duel(column, samples(board, base, column), samples(board, model, column));
        return Optional.of(
                new PairedComparison(
                        column,
                        base,
                        model,
                        difference,
                        after.get().standardErrorOfDifference(before.get()).orElse(0),
                        bootstrap,
                        duel,
                        pValue(bootstrap, duel)));
    }

    /// For each item, how far it pulls the difference of two models from its value; empty unless
    /// both were measured on the same items.
    static Optional<double[]> deviations(
            Board board, Board.Column column, String base, String model) {
        Optional<Metric> before = board.metric(base, column);
        Optional<Metric> after = board.metric(model, column);
        if (before.isEmpty()
                || after.isEmpty()
                || before.get().influence().length != after.get().influence().length
                || !ids(samples(board, base, column)).equals(ids(samples(board, model, column)))) {
            return Optional.empty();
        }
        double[] deviations = new double[before.get().influence().length];
        for (int i = 0; i < deviations.length; i++) {
            deviations[i] = after.get().influence()[i] - before.get().influence()[i];
        }
        return Optional.of(deviations);
    }

    private static Optional<Duel> duel(
            Board.Column column, List<GradedSample> first, List<GradedSample> second) {
        Optional<double[]> before = values(column.metric(), first);
        Optional<double[]> after = values(column.metric(), second);
        return before.isEmpty() || after.isEmpty() || before.get().length == 0
                ? Optional.empty()
                : Optional.of(Duel.of(before.get(), after.get(), column.higherIsBetter()));
    }

    private static Optional<double[]> values(String metric, List<GradedSample> samples) {
        double[] values = new double[samples.size()];
        for (int i = 0; i < values.length; i++) {
            Double value = samples.get(i).values().get(metric);
            if (value == null) {
                return Optional.empty();
            }
            values[i] = value;
        }
        return Optional.of(values);
    }

    private static List<GradedSample> samples(Board board, String model, Board.Column column) {
        return board.result(model, column.task()).map(TaskResult::samples).orElse(List.of());
    }

    private static List<String> ids(List<GradedSample> samples) {
        return samples.stream().map(GradedSample::id).toList();
    }
}
