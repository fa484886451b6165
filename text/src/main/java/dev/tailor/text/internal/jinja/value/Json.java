package dev.tailor.text.internal.jinja.value;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// Python's `json.dumps`.
public final class Json {
    /// How the JSON is laid out.
    ///
    /// @param indent what one level is indented by; null for a single line
    public record Layout(
            boolean asciiOnly,
            @Nullable String indent,
            String itemSeparator,
            String keySeparator,
            boolean sortKeys) {}

    private final Layout layout;
    private final TextBuilder out;
    private int level;

    private Json(Layout layout, Budget budget) {
        this.layout = layout;
        this.out = new TextBuilder(budget);
    }

    /// The value as JSON.
    public static Text dump(Value value, Layout layout, Budget budget) {
        Json json = new Json(layout, budget);
        json.write(value);
        return json.out.text();
    }

    private void write(Value value) {
        out.budget().enter();
        try {
            switch (value) {
                case Text text -> string(text);
                case Value.None none -> out.append("null");
                case Value.Bool bool -> out.append(bool.truth() ? "true" : "false");
                case Value.Int number -> out.append(number.value().toString());
                case Value.Real number -> out.append(real(number.value()));
                case Sequence.ListValue list -> array(list.elements());
                case Sequence.Tuple tuple -> array(tuple.elements());
                case Dict dict -> object(dict);
                default ->
                        throw Refusal.of(
                                "Object of type " + value.typeName() + " is not JSON serializable");
            }
        } finally {
            out.budget().leave();
        }
    }

    private void array(List<Value> elements) {
        if (elements.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append("[");
        level++;
        boolean first = true;
        for (Value element : elements) {
            separate(first);
            write(element);
            first = false;
        }
        level--;
        newline();
        out.append("]");
    }

    private void object(Dict dict) {
        if (dict.size() == 0) {
            out.append("{}");
            return;
        }
        out.append("{");
        level++;
        boolean first = true;
        for (Dict.Entry entry : layout.sortKeys() ? sorted(dict) : dict.entries()) {
            separate(first);
            string(key(entry.key()));
            out.append(layout.keySeparator());
            write(entry.value());
            first = false;
        }
        level--;
        newline();
        out.append("}");
    }

    private Collection<Dict.Entry> sorted(Dict dict) {
        Comparison comparison = new Comparison(out.budget());
        List<Dict.Entry> entries = new ArrayList<>(dict.entries());
        entries.sort(Comparator.comparing(Dict.Entry::key, comparison::compare));
        return entries;
    }

    private static Text key(Value key) {
        return switch (key) {
            case Text text -> text;
            case Value.None none -> Text.of("null");
            case Value.Bool bool -> Text.of(bool.truth() ? "true" : "false");
            case Value.Int number -> Text.of(number.value().toString());
            case Value.Real number -> Text.of(real(number.value()));
            default ->
                    throw Refusal.of(
                            "keys must be str, int, float, bool or None, not " + key.typeName());
        };
    }

    private void separate(boolean first) {
        if (!first) {
            out.append(layout.itemSeparator());
        }
        newline();
    }

    private void newline() {
        if (layout.indent() != null) {
            out.append("\n").repeat(Text.of(layout.indent()), level);
        }
    }

    private static String real(double number) {
        if (Double.isNaN(number)) {
            return "NaN";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "Infinity" : "-Infinity";
        }
        return Repr.real(number);
    }

    private void string(Text text) {
        String chars = text.chars();
        StringBuilder escaped = new StringBuilder(chars.length() + 16);
        for (int i = 0; i < chars.length(); i++) {
            escape(chars.charAt(i), escaped);
        }
        out.append("\"").appendDerived(text, escaped.toString()).append("\"");
    }

    private void escape(char c, StringBuilder escaped) {
        switch (c) {
            case '"' -> escaped.append("\\\"");
            case '\\' -> escaped.append("\\\\");
            case '\n' -> escaped.append("\\n");
            case '\r' -> escaped.append("\\r");
            case '\t' -> escaped.append("\\t");
            case '\f' -> escaped.append("\\f");
            case '\b' -> escaped.append("\\b");
            default -> {
                if (c < 0x20 || (layout.asciiOnly() && c > 0x7E)) {
                    escaped.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                } else {
                    escaped.append(c);
                }
            }
        }
    }
}
