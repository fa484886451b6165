package dev.tailor.workflow.store;

import dev.tailor.core.AtomicWrite;

import java.nio.file.Path;
import java.util.List;
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
    public record Requirement(
            String path, String text, double value, double bound, boolean passed) {}

    /// Writes the result into a stage's folder.
    public void write(Path stage) {
        AtomicWrite.text(stage.resolve("gate.json"), Store.json(this));
    }

    /// Reads a gate's result; empty if the stage has none.
    public static Optional<GateResult> read(Path stage) {
        return Store.read(stage.resolve("gate.json"), GateResult.class);
    }
}
