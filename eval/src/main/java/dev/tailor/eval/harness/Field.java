package dev.tailor.eval.harness;

import dev.tailor.core.Location;
import dev.tailor.eval.internal.harness.PythonFormat;
import dev.tailor.text.TextTemplate;

import java.util.List;

/// Where a task takes something from for each row: `doc_to_text`, `doc_to_target` and the like.
public sealed interface Field {
    /// A text that is the name of a column, or else a template.
    ///
    /// @param key the key it is the value of
    record Text(String key, String source, TextTemplate template, Location location)
            implements Field {}

    /// A text with columns in braces.
    ///
    /// @param key the key it is the value of
    record Format(String key, PythonFormat format) implements Field {}

    /// A number that stands for all rows.
    record Number(long value) implements Field {}

    /// A list that stands for all rows.
    record Items(List<Object> items) implements Field {}

    /// A function that Tailor has a twin of.
    record Twin(String name) implements Field {}

    /// Nothing is said.
    record Absent() implements Field {}
}
