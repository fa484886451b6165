package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.Iteration;
import dev.tailor.text.internal.jinja.value.Numbers;
import dev.tailor.text.internal.jinja.value.Operators;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.TextBuilder;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;

import java.util.List;
import java.util.Map;

/// Filters on texts.
final class TextFilters {
    private TextFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("string", (input, a, runtime) -> runtime.str(input));
        filters.put(
                "lower", (input, a, r) -> derived(r.str(input), TextCase.lower(chars(input, r))));
        filters.put(
                "upper", (input, a, r) -> derived(r.str(input), TextCase.upper(chars(input, r))));
        filters.put(
                "capitalize",
                (input, a, r) -> derived(r.str(input), TextCase.capitalize(chars(input, r))));
        filters.put(
                "title",
                (input, a, r) -> derived(r.str(input), TextCase.titleOfWords(chars(input, r))));
        filters.put("trim", TextFilters::trim);
        filters.put("replace", TextFilters::replace);
        filters.put("join", TextFilters::join);
        filters.put("indent", TextFilters::indent);
        filters.put("truncate", TextFilters::truncate);
        filters.put("center", TextFilters::center);
        filters.put("format", TextFilters::format);
        filters.put("wordcount", TextFilters::wordCount);
        filters.put("default", TextFilters::orDefault);
        filters.put("d", TextFilters::orDefault);
    }

    private static Text derived(Text origin, String chars) {
        return origin.derived(chars);
    }

    private static String chars(Value input, Runtime runtime) {
        return runtime.str(input).chars();
    }

    private static Value trim(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("trim", 0, "chars");
        Text chars = bound.has("chars") ? bound.text("chars", Text.EMPTY) : null;
        return TextParts.strip(runtime.str(input), chars, true, true);
    }

    private static Value replace(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("replace", 2, "old", "new", "count");
        return TextParts.replace(
                runtime.str(input),
                runtime.str(bound.get("old", Text.EMPTY)),
                runtime.str(bound.get("new", Text.EMPTY)),
                bound.has("count") ? bound.integer("count", -1) : -1,
                runtime.budget());
    }

    private static Value join(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("join", 0, "d", "attribute");
        Text separator = runtime.str(bound.get("d", Text.EMPTY));
        TextBuilder joined = new TextBuilder(runtime.budget());
        boolean first = true;
        for (Value element : Iteration.list(input, runtime.budget())) {
            if (!first) {
                joined.append(separator);
            }
            first = false;
            Value part =
                    bound.has("attribute")
                            ? AttributePath.of(bound.get("attribute", Value.None.NONE))
                                    .get(element, runtime)
                            : element;
            joined.append(runtime.str(part));
        }
        return joined.text();
    }

    private static Value indent(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("indent", 0, "width", "first", "blank");
        Text text = needText(input, "indent");
        Value width = bound.get("width", Value.Int.of(4));
        Text indention =
                width instanceof Text own
                        ? own
                        : new TextBuilder(runtime.budget())
                                .repeat(Text.of(" "), Numbers.index(width))
                                .text();
        Text ended = new TextBuilder(runtime.budget()).append(text).append("\n").text();
        var lines = (Sequence.ListValue) TextParts.lines(ended, false, runtime.budget());
        boolean blank = bound.truth("blank", false);
        TextBuilder out = new TextBuilder(runtime.budget());
        if (bound.truth("first", false)) {
            out.append(indention);
        }
        for (int i = 0; i < lines.size(); i++) {
            Text line = (Text) lines.get(i);
            if (i > 0) {
                out.append("\n").append(blank || line.length() > 0 ? indention : Text.EMPTY);
            }
            out.append(line);
        }
        return out.text();
    }

    private static Text needText(Value input, String filter) {
        if (input instanceof Text text) {
            return text;
        }
        if (input instanceof Undefined undefined) {
            throw undefined.failure();
        }
        throw Refusal.of(filter + " needs a text, not '" + input.typeName() + "'");
    }

    private static Value truncate(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        int length = bound.integer("length", 255);
        Text end = bound.text("end", Text.of("..."));
        int leeway = bound.has("leeway") ? bound.integer("leeway", 5) : 5;
        if (length < end.codePoints() || leeway < 0) {
            throw Refusal.of("expected length >= " + end.codePoints() + ", got " + length);
        }
        int size = Iteration.length(input);
        if (size >= 0 && size <= length + leeway) {
            return input;
        }
        Text text = needText(input, "truncate");
        Text kept = text.codePointSlice(0, length - end.codePoints());
        int lastBlank = kept.chars().lastIndexOf(' ');
        if (!bound.truth("killwords", false) && lastBlank >= 0) {
            kept = kept.slice(0, lastBlank);
        }
        return new TextBuilder(runtime.budget()).append(kept).append(end).text();
    }

    private static Value center(Value input, Arguments arguments, Runtime runtime) {
        Value width = arguments.bind("center", 0, "width").get("width", Value.Int.of(80));
        Value method = runtime.members().attribute(runtime.str(input), "center");
        return runtime.call(method, Arguments.of(width));
    }

    private static Value format(Value input, Arguments arguments, Runtime runtime) {
        Text format = runtime.str(input);
        if (arguments.named().isEmpty()) {
            Value values = new Sequence.Tuple(arguments.positional(), List.of());
            return Operators.apply("%", format, values, runtime.budget());
        }
        if (!arguments.positional().isEmpty()) {
            throw Refusal.of("can't handle positional and keyword arguments at the same time");
        }
        var dict = new Dict();
        arguments.named().forEach((name, value) -> dict.put(Text.of(name), value));
        return Operators.apply("%", format, dict, runtime.budget());
    }

    private static Value wordCount(Value input, Arguments arguments, Runtime runtime) {
        arguments.bind("wordcount", 0);
        int words = 0;
        boolean inWord = false;
        for (int c : chars(input, runtime).codePoints().toArray()) {
            boolean letter = Character.isLetterOrDigit(c) || c == '_' || TextCase.isNumeric(c);
            words += letter && !inWord ? 1 : 0;
            inWord = letter;
        }
        return Value.Int.of(words);
    }

    private static Value orDefault(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("default", 0, "default_value", "boolean");
        boolean missing =
                input instanceof Undefined || (bound.truth("boolean", false) && !input.truth());
        return missing ? bound.get("default_value", Text.EMPTY) : input;
    }
}
