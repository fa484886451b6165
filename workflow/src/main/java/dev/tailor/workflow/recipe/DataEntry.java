package dev.tailor.workflow.recipe;

import dev.tailor.core.Location;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A data set as the recipe names it.
///
/// @param paths files, directories and globs as written
/// @param directory what they are relative to
/// @param kind `text`, `chat`, `preference` or `unpaired`, if the recipe says so
/// @param format how rows are written, if the recipe says so
/// @param limit use only the first rows
/// @param keys where the values stand
public record DataEntry(
        String name,
        List<String> paths,
        Path directory,
        Optional<String> kind,
        Optional<String> format,
        OptionalLong limit,
        Map<String, Location> keys) {
    /// Where a key's value stands; the path if the key was left out.
    public Location place(String key) {
        Location path = keys.get("path");
        Location place = keys.getOrDefault(key, path);
        if (place == null) {
            throw new IllegalStateException("a data set without a path: " + name);
        }
        return place;
    }
}
