package dev.tailor.workflow.recipe;

import dev.tailor.core.Location;

import java.util.Map;

/// What every stage has: its name, and where it and its keys stand in the recipe.
///
/// @param settings every setting with its value, given or default, as plain maps, lists and
///   scalars; paths stand as the recipe writes them
public record Heading(
        String id, Location place, Map<String, Location> keys, Map<String, Object> settings) {
    /// Where a key's value stands, or the stage if the key was left out.
    public Location place(String key) {
        return keys.getOrDefault(key, place);
    }
}
