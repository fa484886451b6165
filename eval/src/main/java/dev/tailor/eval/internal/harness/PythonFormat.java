package dev.tailor.eval.internal.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A text with columns in braces, as Python's `str.format` reads it: `{question}`, `{{` for a
/// brace. Formats within the braces (`{x:.2f}`, `{x!r}`, `{x[0]}`) are not known.
///
/// @param parts texts at even places, columns at odd ones
public record PythonFormat(List<String> parts) {
    /// Reads a format.
    ///
    /// @throws TailorException `CONFIG_INVALID` for a brace alone and for what is not a column's
    ///   name
    public static PythonFormat parse(String source) {
        List<String> parts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            boolean doubled = i + 1 < source.length() && source.charAt(i + 1) == c;
            if ((c == '{' || c == '}') && doubled) {
                text.append(c);
                i++;
            } else if (c == '{') {
                int end = source.indexOf('}', i);
                String column = end < 0 ? "" : source.substring(i + 1, end);
                if (column.isBlank() || !column.matches("[^{}:!\\[\\].]+")) {
                    throw TailorException.of(
                                    ErrorCode.CONFIG_INVALID,
                                    end < 0
                                            ? "a '{' of the template is never closed"
                                            : "'{" + column + "}' is not the name of a column")
                            .remedy("write {{ for a brace that is meant as such");
                }
                parts.add(text.toString());
                parts.add(column);
                text.setLength(0);
                i = end;
            } else if (c == '}') {
                throw TailorException.of(
                                ErrorCode.CONFIG_INVALID, "a '}' of the template closes nothing")
                        .remedy("write }} for a brace that is meant as such");
            } else {
                text.append(c);
            }
        }
        parts.add(text.toString());
        return new PythonFormat(List.copyOf(parts));
    }

    /// The text for a row.
    ///
    /// @throws TailorException `DATA_INVALID` if the row lacks a column or has nothing in it
    public String render(Map<String, Object> row) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            if (i % 2 == 0) {
                text.append(parts.get(i));
                continue;
            }
            Object value = row.get(parts.get(i));
            if (value == null) {
                throw TailorException.of(
                                ErrorCode.DATA_INVALID,
                                row.containsKey(parts.get(i))
                                        ? "the column '" + parts.get(i) + "' is empty"
                                        : "there is no column '%s'; there are %s"
                                                .formatted(parts.get(i), row.keySet()))
                        .remedy(Suggestion.advice(parts.get(i), row.keySet()));
            }
            text.append(value instanceof Boolean truth ? truth ? "True" : "False" : value);
        }
        return text.toString();
    }
}
