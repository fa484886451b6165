package dev.tailor.data;

import dev.tailor.data.internal.read.JsonValues;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The fields of a row as a format asks for them; notes which columns were asked for.
final class RowFields {
    private static final JsonValues JSON = new JsonValues(100, 64 << 20);

    private final Map<String, Object> fields;
    private final Set<String> used;

    /// @param used receives the names of the columns that were asked for and found
    RowFields(Map<String, Object> fields, Set<String> used) {
        this.fields = fields;
        this.used = used;
    }

    /// The value of the first of these columns that holds one.
    @Nullable Object value(String... names) {
        for (String name : names) {
            Object value = fields.get(name);
            if (value != null) {
                used.add(name);
                return value;
            }
        }
        return null;
    }

    /// Whether one of these columns holds something.
    boolean has(String... names) {
        return value(names) != null;
    }

    /// The text of the first of these columns; rejects the row if there is none or it is blank.
    String text(String... names) {
        Object value = value(names);
        if (value == null) {
            throw new RejectedRow(
                    fields.containsKey(names[0])
                            ? "'" + names[0] + "' is null"
                            : "no column '" + names[0] + "'");
        }
        String text = asText(value, names[0]);
        if (text.isBlank()) {
            throw new RejectedRow("'" + names[0] + "' is empty");
        }
        return text;
    }

    /// The text of the first of these columns, nothing if it is blank.
    Optional<String> optionalText(String... names) {
        Object value = value(names);
        if (value == null) {
            return Optional.empty();
        }
        String text = asText(value, names[0]);
        return text.isBlank() ? Optional.empty() : Optional.of(text);
    }

    private static String asText(Object value, String name) {
        return switch (value) {
            case String text -> text;
            case Long number -> number.toString();
            case Double number -> number.toString();
            case Boolean flag -> flag.toString();
            case List<?> list when list.size() == 1 && list.getFirst() instanceof String only ->
                    only;
            default -> throw new RejectedRow("'" + name + "' is not text");
        };
    }

    /// A value that may be written as JSON inside a string, as CSV and some JSON files do.
    static @Nullable Object unwrapped(@Nullable Object value) {
        if (!(value instanceof String text)) {
            return value;
        }
        String stripped = text.strip();
        if (!stripped.startsWith("[") && !stripped.startsWith("{")) {
            return value;
        }
        try {
            return JSON.parse(stripped);
        } catch (JacksonException e) {
            return value;
        }
    }
}
