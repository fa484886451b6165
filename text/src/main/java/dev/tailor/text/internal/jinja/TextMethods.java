package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.BraceFormat;
import dev.tailor.text.internal.jinja.value.Budget;
import dev.tailor.text.internal.jinja.value.Dict;
import dev.tailor.text.internal.jinja.value.Iteration;
import dev.tailor.text.internal.jinja.value.PythonCharacters;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.TextBuilder;
import dev.tailor.text.internal.jinja.value.Value;
import dev.tailor.text.internal.jinja.value.Value.Bool;
import dev.tailor.text.internal.jinja.value.Value.Int;
import dev.tailor.text.internal.jinja.value.Value.None;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The methods of Python's `str`.
final class TextMethods {
    private static final Set<String> NAMES =
            Set.of(
                    ("capitalize casefold center count endswith expandtabs find format format_map"
                                    + " index isalnum isalpha isascii isdecimal isdigit"
                                    + " isidentifier islower isnumeric isprintable isspace"
                                    + " istitle isupper join ljust lower lstrip partition"
                                    + " removeprefix removesuffix replace rfind rindex rjust"
                                    + " rpartition rsplit rstrip split splitlines startswith"
                                    + " strip swapcase title upper zfill")
                            .split(" "));

    private TextMethods() {}

    /// A method of a text, or null where it has none of that name.
    static @Nullable Value bound(Text self, String name, Runtime runtime) {
        return NAMES.contains(name)
                ? new Builtin(name, arguments -> call(self, name, arguments, runtime))
                : null;
    }

    private static Value call(Text self, String name, Arguments arguments, Runtime runtime) {
        Budget budget = runtime.budget();
        budget.spend(self.length() / 64);
        return switch (name) {
            case "strip" -> strip(self, arguments.bind(name, 0, "chars"), true, true);
            case "lstrip" -> strip(self, arguments.bind(name, 0, "chars"), true, false);
            case "rstrip" -> strip(self, arguments.bind(name, 0, "chars"), false, true);
            case "split", "rsplit" -> {
                var bound = arguments.bind(name, 0, "sep", "maxsplit");
                int most = bound.integer("maxsplit", -1);
                yield TextParts.split(self, separator(bound), most, name.equals("rsplit"), budget);
            }
            case "splitlines" ->
                    TextParts.lines(
                            self,
                            arguments.bind(name, 0, "keepends").truth("keepends", false),
                            budget);
            case "partition", "rpartition" ->
                    TextParts.partition(
                            self,
                            arguments.bind(name, 1, "sep").text("sep", Text.EMPTY),
                            name.equals("rpartition"));
            case "replace" -> {
                var bound = arguments.bind(name, 2, "old", "new", "count");
                yield TextParts.replace(
                        self,
                        bound.text("old", Text.EMPTY),
                        bound.text("new", Text.EMPTY),
                        bound.integer("count", -1),
                        budget);
            }
            case "startswith", "endswith" -> affix(self, name, arguments);
            case "removeprefix" -> {
                Text prefix = arguments.bind(name, 1, "prefix").text("prefix", Text.EMPTY);
                boolean has = self.chars().startsWith(prefix.chars());
                yield has ? self.slice(prefix.length(), self.length()) : self;
            }
            case "removesuffix" -> {
                Text suffix = arguments.bind(name, 1, "suffix").text("suffix", Text.EMPTY);
                boolean has = self.chars().endsWith(suffix.chars());
                yield has ? self.slice(0, self.length() - suffix.length()) : self;
            }
            case "find", "rfind", "index", "rindex", "count" ->
                    Int.of(search(self, name, arguments));
            case "join" -> join(self, arguments, budget);
            case "format" ->
                    BraceFormat.format(self, arguments, runtime.members().access(), budget);
            case "format_map" -> {
                Value map = arguments.bind(name, 1, "mapping").get("mapping", None.NONE);
                Arguments named = new Arguments(List.of(), names(map));
                yield BraceFormat.format(self, named, runtime.members().access(), budget);
            }
            case "center", "ljust", "rjust" -> pad(self, name, arguments, budget);
            case "zfill" -> zeroFill(self, arguments.bind(name, 1, "width"), budget);
            case "expandtabs" ->
                    TextParts.expandTabs(
                            self, arguments.bind(name, 0, "tabsize").integer("tabsize", 8), budget);
            default -> {
                arguments.bind(name, 0);
                yield withoutArguments(self, name);
            }
        };
    }

    private static Value withoutArguments(Text self, String name) {
        String chars = self.chars();
        return switch (name) {
            case "lower" -> self.derived(TextCase.lower(chars));
            case "casefold" -> self.derived(TextCase.lower(TextCase.upper(chars)));
            case "upper" -> self.derived(TextCase.upper(chars));
            case "capitalize" -> self.derived(TextCase.capitalize(chars));
            case "title" -> self.derived(TextCase.title(chars));
            case "swapcase" -> self.derived(TextCase.swapped(chars));
            case "isalnum" ->
                    Bool.of(
                            TextCase.all(
                                    chars, c -> Character.isLetter(c) || TextCase.isNumeric(c)));
            case "isalpha" -> Bool.of(TextCase.all(chars, Character::isLetter));
            case "isascii" -> Bool.of(chars.chars().allMatch(c -> c < 128));
            case "isdecimal" -> Bool.of(TextCase.all(chars, Character::isDigit));
            case "isdigit" -> Bool.of(TextCase.all(chars, TextCase::isDigit));
            case "isnumeric" -> Bool.of(TextCase.all(chars, TextCase::isNumeric));
            case "isspace" -> Bool.of(TextCase.all(chars, PythonCharacters::isSpace));
            case "isprintable" ->
                    Bool.of(chars.codePoints().allMatch(PythonCharacters::isPrintable));
            case "isidentifier" -> Bool.of(TextCase.isIdentifier(chars));
            case "islower" -> Bool.of(TextCase.isLower(chars));
            case "isupper" -> Bool.of(TextCase.isUpper(chars));
            case "istitle" -> Bool.of(TextCase.isTitle(chars));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Text strip(Text self, Arguments.Bound bound, boolean left, boolean right) {
        Text chars = bound.has("chars") ? bound.text("chars", Text.EMPTY) : null;
        return TextParts.strip(self, chars, left, right);
    }

    private static @Nullable Text separator(Arguments.Bound bound) {
        if (!bound.has("sep")) {
            return null;
        }
        Text separator = bound.text("sep", Text.EMPTY);
        if (separator.length() == 0) {
            throw Refusal.of("empty separator");
        }
        return separator;
    }

    private static Value affix(Text self, String name, Arguments arguments) {
        var bound = arguments.bind(name, 1, "affix", "start", "end");
        Text part = stretch(self, bound);
        Value wanted = bound.get("affix", None.NONE);
        List<Value> any =
                wanted instanceof Sequence.Tuple tuple ? tuple.elements() : List.of(wanted);
        for (Value candidate : any) {
            if (!(candidate instanceof Text affix)) {
                throw Refusal.of(
                        name
                                + " first arg must be str or a tuple of str, not "
                                + candidate.typeName());
            }
            if (name.equals("startswith")
                    ? part.chars().startsWith(affix.chars())
                    : part.chars().endsWith(affix.chars())) {
                return Bool.TRUE;
            }
        }
        return Bool.FALSE;
    }

    private static Text stretch(Text self, Arguments.Bound bound) {
        int size = self.codePoints();
        int start = bound.has("start") ? bound.integer("start", 0) : 0;
        int end = bound.has("end") ? bound.integer("end", size) : size;
        return self.codePointSlice(clamp(start, size), clamp(end, size));
    }

    private static int clamp(int at, int size) {
        return Math.clamp(at < 0 ? (long) at + size : at, 0, size);
    }

    private static int search(Text self, String name, Arguments arguments) {
        var bound = arguments.bind(name, 1, "sub", "start", "end");
        Text wanted = bound.text("sub", Text.EMPTY);
        Text part = stretch(self, bound);
        int size = self.codePoints();
        int from = bound.has("start") ? clamp(bound.integer("start", 0), size) : 0;
        if (name.equals("count")) {
            return TextParts.count(part, wanted);
        }
        int at =
                name.startsWith("r")
                        ? part.chars().lastIndexOf(wanted.chars())
                        : part.chars().indexOf(wanted.chars());
        if (at < 0 && name.endsWith("index")) {
            throw Refusal.of("substring not found");
        }
        return at < 0 ? -1 : from + part.codePointsBefore(at);
    }

    private static Value join(Text self, Arguments arguments, Budget budget) {
        Value parts = arguments.bind("join", 1, "iterable").get("iterable", None.NONE);
        TextBuilder joined = new TextBuilder(budget);
        int index = 0;
        for (Value part : Iteration.list(parts, budget)) {
            if (!(part instanceof Text text)) {
                throw Refusal.of(
                        "sequence item "
                                + index
                                + ": expected str instance, "
                                + part.typeName()
                                + " found");
            }
            if (index++ > 0) {
                joined.append(self);
            }
            joined.append(text);
        }
        return joined.text();
    }

    private static Map<String, Value> names(Value map) {
        Map<String, Value> names = new LinkedHashMap<>();
        if (map instanceof Dict dict) {
            for (Dict.Entry entry : dict.entries()) {
                if (entry.key() instanceof Text key) {
                    names.put(key.chars(), entry.value());
                }
            }
        }
        return names;
    }

    private static Value pad(Text self, String name, Arguments arguments, Budget budget) {
        var bound = arguments.bind(name, 1, "width", "fillchar");
        Text fill = bound.text("fillchar", Text.of(" "));
        if (fill.codePoints() != 1) {
            throw Refusal.of("The fill character must be exactly one character long");
        }
        int width = bound.integer("width", 0);
        int missing = Math.max(0, width - self.codePoints());
        // CPython puts the odd blank on the left where both the rest and the width are odd.
        int before =
                switch (name) {
                    case "ljust" -> 0;
                    case "rjust" -> missing;
                    default -> missing / 2 + (missing & width & 1);
                };
        return new TextBuilder(budget)
                .repeat(fill, before)
                .append(self)
                .repeat(fill, missing - before)
                .text();
    }

    private static Value zeroFill(Text self, Arguments.Bound bound, Budget budget) {
        int missing = bound.integer("width", 0) - self.codePoints();
        boolean signed = self.chars().startsWith("-") || self.chars().startsWith("+");
        int sign = signed ? 1 : 0;
        return new TextBuilder(budget)
                .append(self.slice(0, sign))
                .repeat(Text.of("0"), missing)
                .append(self.slice(sign, self.length()))
                .text();
    }
}
