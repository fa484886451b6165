package dev.tailor.workflow.recipe;

import dev.tailor.core.Location;
import dev.tailor.data.DataKind;
import dev.tailor.data.DataSource;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/// A data set as the recipe names it.
///
/// @param source its files and what the recipe says about them
/// @param limit use only the first rows
/// @param deduplicate leave out rows that are equal to an earlier one
/// @param holdOut share of the rows put aside as `NAME/holdout`
/// @param weight how often each row comes in a mixture
/// @param keys where the values stand
public record DataEntry(
        String name,
        DataSource source,
        OptionalLong limit,
        boolean deduplicate,
        OptionalDouble holdOut,
        double weight,
        Map<String, Location> keys) {
    /// What is appended to a data set's name to mean the part put aside.
    public static final String HOLDOUT = "/holdout";

    /// Kinds of data in words: "text or chat".
    public static String words(Set<DataKind> kinds) {
        return kinds.stream()
                .sorted()
                .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" or "));
    }

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
