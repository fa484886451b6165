package dev.tailor.eval;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A requirement on a figure of a board: `holdout.exact_match` must be `>= base + 0.2`.
///
/// @param path `task.metric`
/// @param comparison how the figure must compare
/// @param model the model whose figure `offset` is added to; empty for a plain number
/// @param offset the number, or what is added to that model's figure
/// @param text the requirement as it was written
public record Gate(String path, Comparison comparison, String model, double offset, String text) {
    private static final Pattern SYNTAX =
            Pattern.compile(
                    "\\s*(>=|<=|>|<)\\s*(?:([A-Za-z_][\\w./-]*)\\s*(?:([+-])\\s*)?)?"
                            + "([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)?\\s*");

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

        private static Comparison of(String sign) {
            return switch (sign) {
                case ">=" -> AT_LEAST;
                case "<=" -> AT_MOST;
                case ">" -> ABOVE;
                default -> BELOW;
            };
        }

        /// Whether `value` stands in this relation to `bound`.
        public boolean holds(double value, double bound) {
            return switch (this) {
                case AT_LEAST -> value >= bound;
                case AT_MOST -> value <= bound;
                case ABOVE -> value > bound;
                case BELOW -> value < bound;
            };
        }
    }

    /// What came of a gate.
    ///
    /// @param gate the requirement
    /// @param value the model's figure
    /// @param bound what it was compared with
    /// @param passed whether it held
    public record Outcome(Gate gate, double value, double bound, boolean passed) {
        /// `holdout.exact_match = 0.412, required >= base + 0.2 = 0.215: passed`.
        public String describe() {
            return String.format(
                    Locale.ROOT,
                    "%s = %.4f, required %s (%.4f): %s",
                    gate.path(),
                    value,
                    gate.text(),
                    bound,
                    passed ? "passed" : "failed");
        }
    }

    /// Reads `>= 0.5`, `>= base`, `>= base + 0.2`, `<= domain - 1.5`, and the same with `>`, `<`.
    public static Gate parse(String path, String requirement) {
        Matcher parts = SYNTAX.matcher(requirement);
        if (!parts.matches() || (parts.group(2) == null && parts.group(4) == null)) {
            throw invalid(requirement);
        }
        boolean hasSign = parts.group(3) != null;
        if (parts.group(2) != null && hasSign != (parts.group(4) != null)) {
            throw invalid(requirement);
        }
        double offset = parts.group(4) == null ? 0 : number(parts.group(4), requirement);
        return new Gate(
                path,
                Comparison.of(parts.group(1)),
                parts.group(2) == null ? "" : parts.group(2),
                "-".equals(parts.group(3)) ? -offset : offset,
                requirement.strip());
    }

    /// Holds the requirement against what `on` reached. A figure that was not measured is an error,
    /// not a failure of the gate.
    public Outcome check(Board board, String on) {
        double value = figure(board, on);
        double bound = offset + (model.isEmpty() ? 0 : figure(board, model));
        return new Outcome(this, value, bound, comparison.holds(value, bound));
    }

    private double figure(Board board, String of) {
        if (!board.modelNames().contains(of)) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "the gate on " + path + " names '" + of + "', which no board measured")
                    .remedy(Suggestion.advice(of, board.modelNames()));
        }
        List<Board.Column> columns = board.columns();
        return columns.stream()
                .filter(column -> column.path().equals(path))
                .findFirst()
                .flatMap(column -> board.metric(of, column))
                .map(Metric::value)
                .orElseThrow(() ->
                        TailorException.of(
                                        ErrorCode.CONFIG_INVALID,
                                        "no board measured '" + path + "' of '" + of + "'")
                                .remedy(
                                        Suggestion.advice(
                                                path,
                                                columns.stream()
                                                        .map(Board.Column::path)
                                                        .toList())));
    }

    private static double number(String text, String requirement) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw invalid(requirement);
        }
    }

    private static TailorException invalid(String requirement) {
        return TailorException.of(
                        ErrorCode.CONFIG_INVALID, "not a requirement: '" + requirement + "'")
                .remedy("write for example '>= 0.5', '>= base + 0.2' or '<= base - 1.5'");
    }
}
