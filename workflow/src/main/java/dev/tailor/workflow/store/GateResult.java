package dev.tailor.workflow.store;

import dev.tailor.core.AtomicWrite;
import dev.tailor.eval.Gate;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What came of a gate: `gate.json` in its stage's folder.
///
/// @param on the model that was measured
public record GateResult(String on, boolean passed, List<Requirement> requirements) {

    /// One requirement.
    ///
    /// @param path `task.metric`
    /// @param text as the recipe writes it
    /// @param value what the model reached
    /// @param bound what it had to reach
    /// @param interval the interval that significance was told by, in words; empty where it was not
    ///   asked for
    public record Requirement(
            String path,
            String text,
            double value,
            double bound,
            Optional<String> interval,
            boolean passed) {
        /// A requirement that was looked at.
        public static Requirement of(Gate.Outcome outcome) {
            return new Requirement(
                    outcome.gate().path(),
                    outcome.gate().text(),
                    outcome.value(),
                    outcome.bound(),
                    Optional.of(outcome.intervalInWords()).filter(words -> !words.isEmpty()),
                    outcome.passed());
        }

        /// `holdout.exact_match = 0.4120, required >= base + 0.2 (0.4150)`, and the interval.
        public String describe() {
            return String.format(
                    Locale.ROOT,
                    "%s = %.4f, required %s (%.4f)%s",
                    path,
                    value,
                    text,
                    bound,
                    interval.map(words -> ", " + words).orElse(""));
        }
    }

    /// Writes the result into a stage's folder.
    public void write(Path stage) {
        AtomicWrite.text(stage.resolve("gate.json"), Store.json(this));
    }

    /// Reads a gate's result; empty if the stage has none.
    public static Optional<GateResult> read(Path stage) {
        return Store.read(stage.resolve("gate.json"), GateResult.class);
    }
}
