package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Iteration;
import dev.tailor.text.internal.jinja.value.Json;
import dev.tailor.text.internal.jinja.value.Numbers;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// `tojson` as transformers has it: no HTML escapes, and the options of `json.dumps`.
final class JsonFilter {
    private static final int MAX_INDENT = 1000;

    private JsonFilter() {}

    static Value apply(Value input, Arguments arguments, Runtime runtime) {
        var bound =
                arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        String indent = indent(bound.get("indent", Value.None.NONE));
        String itemSeparator = indent == null ? ", " : ",";
        String keySeparator = ": ";
        if (bound.has("separators")) {
            List<Value> separators =
                    Iteration.list(bound.get("separators", Value.None.NONE), runtime.budget());
            if (separators.size() != 2) {
                throw Refusal.of("tojson() needs two separators");
            }
            itemSeparator = separator(separators.get(0));
            keySeparator = separator(separators.get(1));
        }
        var layout =
                new Json.Layout(
                        bound.truth("ensure_ascii", false),
                        indent,
                        itemSeparator,
                        keySeparator,
                        bound.truth("sort_keys", false));
        return Json.dump(input, layout, runtime.budget());
    }

    private static @Nullable String indent(Value indent) {
        return switch (indent) {
            case Value.None none -> null;
            case Text text -> text.chars();
            default -> blanks(Numbers.index(indent));
        };
    }

    private static String blanks(int width) {
        if (width > MAX_INDENT) {
            throw Refusal.limit("JSON indented by more than " + MAX_INDENT + " blanks");
        }
        return " ".repeat(Math.max(0, width));
    }

    private static String separator(Value separator) {
        if (separator instanceof Text text) {
            return text.chars();
        }
        throw Refusal.of("a separator of tojson() must be str, not " + separator.typeName());
    }
}
