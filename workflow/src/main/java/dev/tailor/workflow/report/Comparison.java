package dev.tailor.workflow.report;

import dev.tailor.eval.Board;
import dev.tailor.eval.Metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// Two models held against each other by one metric, on the same samples.
///
/// @param standardError of the difference; empty where it is not known
record Comparison(
        String task,
        String metric,
        double before,
        double after,
        OptionalDouble standardError,
        Outcome outcome) {

    /// What a difference amounts to. A difference within two of its standard errors is noise.
    enum Outcome {
        GAIN,
        LOSS,
        NOISE
    }

    /// The metrics that speak for a task, the first one it has; then those that move before it
    /// does.
    private static final List<String> HEADLINES =
            List.of("exact_match", "accuracy", "preference_accuracy", "bits_per_byte");

    private static final List<String> EARLY = List.of("answer_perplexity", "f1", "margin");

    /// The metrics worth a sentence: the headline of each task, and where that is noise, one that
    /// moves earlier.
    static List<Comparison> between(Board board, String before, String after) {
        List<Comparison> comparisons = new ArrayList<>();
        for (String task : board.taskNames()) {
            List<Board.Column> columns = board.columns(task);
            Optional<Comparison> headline =
                    first(board, columns, HEADLINES, before, after)
                            .or(() ->
                                    columns.stream()
                                            .findFirst()
                                            .flatMap(c -> of(board, c, before, after)));
            headline.ifPresent(comparisons::add);
            if (headline.isPresent() && headline.get().outcome() == Outcome.NOISE) {
                first(board, columns, EARLY, before, after)
                        .filter(early -> early.outcome() != Outcome.NOISE)
                        .ifPresent(comparisons::add);
            }
        }
        return comparisons;
    }

    /// One column; empty if a model was not measured by it.
    static Optional<Comparison> of(Board board, Board.Column column, String before, String after) {
        Optional<Metric> old = board.metric(before, column);
        Optional<Metric> now = board.metric(after, column);
        if (old.isEmpty() || now.isEmpty()) {
            return Optional.empty();
        }
        double difference = now.get().value() - old.get().value();
        OptionalDouble error = now.get().standardErrorOfDifference(old.get());
        boolean noise =
                difference == 0
                        || !Double.isFinite(difference)
                        || (error.isPresent() && Math.abs(difference) <= 2 * error.getAsDouble());
        Outcome outcome =
                noise
                        ? Outcome.NOISE
                        : difference > 0 == column.higherIsBetter() ? Outcome.GAIN : Outcome.LOSS;
        return Optional.of(
                new Comparison(
                        column.task(),
                        column.metric(),
                        old.get().value(),
                        now.get().value(),
                        error,
                        outcome));
    }

    /// What all of them amount to.
    static String verdict(List<Comparison> comparisons) {
        boolean gain = comparisons.stream().anyMatch(c -> c.outcome() == Outcome.GAIN);
        boolean loss = comparisons.stream().anyMatch(c -> c.outcome() == Outcome.LOSS);
        if (gain && loss) {
            return "mixed";
        }
        if (gain) {
            return "gain";
        }
        if (loss) {
            return "loss";
        }
        boolean same = comparisons.stream().allMatch(c -> c.before() == c.after());
        return same ? "no change" : "within noise";
    }

    /// `exact match of holdout rose from 2.0 % to 41.3 % (+39.3 ± 4.0 points)`.
    String sentence() {
        String name = Figures.words(metric, task);
        String from = Figures.metric(metric, before);
        String to = Figures.metric(metric, after);
        if (before == after) {
            return name + " stayed at " + from;
        }
        String error =
                standardError.isPresent()
                        ? " ± "
                                + (Figures.isShare(metric)
                                        ? String.format(
                                                Locale.ROOT,
                                                "%.1f",
                                                100 * standardError.getAsDouble())
                                        : Figures.number(standardError.getAsDouble()))
                        : "";
        return name
                + (after > before ? " rose from " : " fell from ")
                + from
                + " to "
                + to
                + " ("
                + Figures.difference(metric, after - before)
                + error
                + Figures.differenceUnit(metric)
                + (outcome == Outcome.NOISE ? ", within noise" : "")
                + ")";
    }

    private static Optional<Comparison> first(
            Board board,
            List<Board.Column> columns,
            List<String> names,
            String before,
            String after) {
        return names.stream()
                .flatMap(name -> columns.stream().filter(c -> c.metric().equals(name)))
                .findFirst()
                .flatMap(column -> of(board, column, before, after));
    }
}
