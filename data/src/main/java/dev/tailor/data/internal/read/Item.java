package dev.tailor.data.internal.read;

import java.nio.file.Path;
import java.util.Map;

/// What a reader finds next in a file.
public sealed interface Item {
    /// The file.
    Path file();

    /// The ordinal of the row in the file, from 1.
    long row();

    /// The line where the row begins, from 1; 0 where the file has no lines.
    long line();

    /// A row: its fields are strings, longs, doubles, booleans, nulls, lists and maps.
    record Row(Path file, long row, long line, Map<String, Object> fields) implements Item {}

    /// A row that cannot be read, while those after it can.
    record Damaged(Path file, long row, long line, String reason, String verbatim)
            implements Item {}
}
