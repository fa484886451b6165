package dev.tailor.workflow.store;

import dev.tailor.core.AtomicWrite;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What an attempt at a stage is made of: `attempt.json` in the folder it works in, so that a later
/// one can say what has changed.
///
/// @param ingredients as in [StageState]
public record Attempt(Map<String, String> ingredients) {
    private static final String FILE = "attempt.json";

    /// Reads what is written down in a folder.
    public static Optional<Attempt> read(Path folder) {
        return Store.read(folder.resolve(FILE), Attempt.class);
    }

    /// Writes it down in a folder.
    public void write(Path folder) {
        AtomicWrite.text(folder.resolve(FILE), Store.json(this));
    }
}
