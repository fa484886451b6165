package dev.tailor.eval;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.eval.statistics.PairedBootstrap;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;

/// A requirement on a figure of a board: `holdout.exact_match` must be `>= base + 0.2`, or `> base
/// significantly`.
///
/// @param path `task.metric`
/// @param comparison how the figure must compare
/// @param model the model whose figure `offset` is added to; empty for a plain number
/// @param modelAt where the model's name begins in the requirement
/// @param offset the number, or what is added to that model's figure
/// @param significantly whether chance must be ruled out: the whole 95 % interval has to hold
/// @param text the requirement as it was written
public record Gate(
        String path,
        Comparison comparison,
        String model,
        int modelAt,
        double offset,
        boolean significantly,
        String text) {
    /// The name that the released model has in requirements.
    public static final String RELEASE = "release";

    /// The name that a board's base model has in requirements, besides its own.
    public static final String BASE = "base";

    private static final Seed SEED = new Seed(0);

    /// How a figure compares with its bound.
    public enum Comparison {
        /// `>=`
        AT_LEAST,
        /// `<=`
        AT_MOST,
        /// `>`
        ABOVE,
        /// `<`
        BELOW;

        /// Whether `value` stands in this relation to `bound`.
        public boolean holds(double value, double bound) {
            return switch (this) {
                case AT_LEAST -> value >= bound;
                case AT_MOST -> value <= bound;
                case ABOVE -> value > bound;
                case BELOW -> value < bound;
            };
        }

        /// Whether all of an interval stands in this relation to 0.
        boolean holds(PairedBootstrap interval) {
            return switch (this) {
                case AT_LEAST, ABOVE -> holds(interval.low(), 0);
                case AT_MOST, BELOW -> holds(interval.high(), 0);
            };
        }
    }

    /// What came of a gate.
    ///
    /// @param gate the requirement
    /// @param value the model's figure
    /// @param bound what it was compared with
    /// @param interval the 95 % interval of figure minus bound, where significance was asked for
    /// @param passed whether it held
    public record Outcome(
            Gate gate,
            double value,
            double bound,
            Optional<PairedBootstrap> interval,
            boolean passed) {
        /// `holdout.exact_match = 0.412, required >= base + 0.2 (0.415): failed`.
        public String describe() {
            return String.format(
                    Locale.ROOT,
                    "%s = %.4f, required %s (%.4f)%s: %s",
                    gate.path(),
                    value,
                    gate.text(),
                    bound,
                    interval.map(i -> ", " + words(i)).orElse(""),
                    passed ? "passed" : "failed");
        }

        /// `95 % interval of the distance -0.0100 to +0.0300`, or nothing.
        public String intervalInWords() {
            return interval.map(Outcome::words).orElse("");
        }

        private static String words(PairedBootstrap interval) {
            return String.format(
                    Locale.ROOT,
                    "95 %% interval of the distance %+.4f to %+.4f",
                    interval.low(),
                    interval.high());
        }
    }

    /// Reads one requirement: `>= 0.5`, `>= base`, `>= base + 0.2`, `<= domain - 1.5`, `> release
    /// significantly`, and the same with any of `>=`, `<=`, `>`, `<`.
    ///
    /// @throws TailorException CONFIG_INVALID
    public static Gate parse(String path, String requirement) {
        List<Gate> gates = parseAll(path, requirement, Optional.empty());
        if (gates.size() != 1) {
            throw TailorException.of(
                    ErrorCode.CONFIG_INVALID, "more than one requirement: '" + requirement + "'");
        }
        return gates.getFirst();
    }

    /// Reads requirements joined by `and`.
    ///
    /// @param place makes the place of an error of the index in `requirement`
    /// @throws TailorException CONFIG_INVALID
    public static List<Gate> parseAll(
            String path, String requirement, Optional<IntFunction<Object>> place) {
        return new GateSyntax(path, requirement, place).gates();
    }

    /// Holds the requirement against what `on` reached. A figure that was not measured is an error,
    /// not a failure of the gate.
    ///
    /// @throws TailorException CONFIG_INVALID
    public Outcome check(Board board, String on) {
        String other = model.equals(BASE) && !measures(board, BASE) ? board.baseModel() : model;
        Metric metric = metric(board, on);
        double value = metric.value();
        double bound = offset + (other.isEmpty() ? 0 : metric(board, other).value());
        if (!significantly) {
            boolean holds = comparison.holds(value, bound);
            return new Outcome(this, value, bound, Optional.empty(), holds);
        }
        double[] deviations = other.isEmpty() ? metric.influence() : paired(board, other, on);
        if (deviations.length < 2) {
            throw invalid("'" + path + "' has no uncertainty that significance could be told by");
        }
        PairedBootstrap interval = PairedBootstrap.of(value - bound, deviations, SEED);
        return new Outcome(this, value, bound, Optional.of(interval), comparison.holds(interval));
    }

    private double[] paired(Board board, String other, String on) {
        return PairedComparison.deviations(board, column(board, on), other, on)
                .orElseThrow(() ->
                        invalid(
                                        "'"
                                                + on
                                                + "' and '"
                                                + other
                                                + "' were not measured by '"
                                                + path
                                                + "' on the same items")
                                .remedy("significance is told by the items: evaluate both alike"));
    }

    private static boolean measures(Board board, String of) {
        return board.modelNames().contains(of);
    }

    private Metric metric(Board board, String of) {
        return board.metric(of, column(board, of)).orElseThrow(() -> notMeasured(board, of));
    }

    private Board.Column column(Board board, String of) {
        if (!measures(board, of)) {
            throw invalid("the gate on " + path + " names '" + of + "', which no board measured")
                    .remedy(Suggestion.advice(of, board.modelNames()));
        }
        return board.columns().stream()
                .filter(column -> column.path().equals(path))
                .findFirst()
                .orElseThrow(() -> notMeasured(board, of));
    }

    private TailorException notMeasured(Board board, String of) {
        return invalid("no board measured '" + path + "' of '" + of + "'")
                .remedy(
                        Suggestion.advice(
                                path, board.columns().stream().map(Board.Column::path).toList()));
    }

    private static TailorException invalid(String what) {
        return TailorException.of(ErrorCode.CONFIG_INVALID, what);
    }
}
