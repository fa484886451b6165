package dev.tailor.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Turns the columns of a delimited file that hold only numbers into numbers.
final class NumberColumns {
    private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
    private static final Pattern REAL =
            Pattern.compile("-?[0-9]{1,40}(\\.[0-9]{0,40})?([eE][-+]?[0-9]{1,3})?");

    /// Matches no text: the column stays text.
    private static final Pattern NOTHING = Pattern.compile("(?!)");

    private NumberColumns() {}

    static List<RawRows.Row> typed(List<RawRows.Row> rows) {
        Map<String, Pattern> kinds = new LinkedHashMap<>();
        for (RawRows.Row row : rows) {
            row.fields()
                    .forEach((name, value) -> {
                        Pattern kind = kinds.getOrDefault(name, WHOLE);
                        if (value instanceof String text) {
                            kinds.put(name, narrowed(kind, text));
                        }
                    });
        }
        List<RawRows.Row> typed = new ArrayList<>();
        for (RawRows.Row row : rows) {
            Map<String, Object> fields = new LinkedHashMap<>(row.fields());
            fields.replaceAll((name, value) ->
                    value instanceof String text
                            ? number(kinds.getOrDefault(name, NOTHING), text)
                            : value);
            typed.add(new RawRows.Row(row.origin(), fields));
        }
        return typed;
    }

    private static Pattern narrowed(Pattern kind, String text) {
        if (kind.matcher(text).matches()) {
            return kind;
        }
        return kind != NOTHING && REAL.matcher(text).matches() ? REAL : NOTHING;
    }

    private static Object number(Pattern kind, String text) {
        if (kind == WHOLE) {
            return Long.valueOf(text);
        }
        return kind == REAL ? (Object) Double.valueOf(text) : text;
    }
}
