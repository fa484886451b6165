package dev.tailor.train;

import java.util.Map;
import java.util.OptionalDouble;

/// Settings with which a stage fits.
///
/// @param settings what to change in the recipe, by key; empty: nothing
/// @param memory peak memory with them
/// @param seconds training time, where it can be computed
public record Proposal(Map<String, String> settings, Memory memory, OptionalDouble seconds) {
    /// The settings as they are written in a recipe.
    public String text() {
        return settings.isEmpty()
                ? "as written"
                : String.join(
                        ", ",
                        settings.entrySet().stream()
                                .map(entry -> entry.getKey() + ": " + entry.getValue())
                                .toList());
    }
}
