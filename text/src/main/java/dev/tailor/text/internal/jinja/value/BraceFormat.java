package dev.tailor.text.internal.jinja.value;

import java.util.function.BiFunction;

/// Python's `format.format(...)`.
public final class BraceFormat {
    /// How fields reach into values: the sandbox's attribute and item access.
    public record Access(
            BiFunction<Value, String, Value> attribute, BiFunction<Value, Value, Value> item) {}

    private final Arguments arguments;
    private final Access access;
    private final Budget budget;
    private int automatic;
    private boolean manual;

    private BraceFormat(Arguments arguments, Access access, Budget budget) {
        this.arguments = arguments;
        this.access = access;
        this.budget = budget;
    }

    /// Fills the fields of a format.
    public static Text format(Text format, Arguments arguments, Access access, Budget budget) {
        return new BraceFormat(arguments, access, budget).fill(format, 2);
    }

    private Text fill(Text format, int depth) {
        if (depth < 0) {
            throw Refusal.of("Max string recursion exceeded");
        }
        String source = format.chars();
        TextBuilder out = new TextBuilder(budget);
        int at = 0;
        while (at < source.length()) {
            char c = source.charAt(at);
            boolean doubled = at + 1 < source.length() && source.charAt(at + 1) == c;
            if ((c == '{' || c == '}') && doubled) {
                out.append(String.valueOf(c));
                at += 2;
            } else if (c == '}') {
                throw Refusal.of("Single '}' encountered in format string");
            } else if (c == '{') {
                int end = closing(source, at);
                field(format.slice(at + 1, end), depth, out);
                at = end + 1;
            } else {
                int from = at;
                while (at < source.length() && "{}".indexOf(source.charAt(at)) < 0) {
                    at++;
                }
                out.append(format.slice(from, at));
            }
        }
        return out.text();
    }

    private static int closing(String source, int open) {
        int depth = 0;
        for (int i = open; i < source.length(); i++) {
            char c = source.charAt(i);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw Refusal.of("expected '}' before end of string");
    }

    private void field(Text field, int depth, TextBuilder out) {
        String source = field.chars();
        int nameEnd = 0;
        boolean inBrackets = false;
        while (nameEnd < source.length()
                && (inBrackets || "!:".indexOf(source.charAt(nameEnd)) < 0)) {
            char c = source.charAt(nameEnd++);
            inBrackets = c == '[' || (inBrackets && c != ']');
        }
        Value value = value(source.substring(0, nameEnd));
        int at = nameEnd;
        if (at < source.length() && source.charAt(at) == '!') {
            value = converted(source, at + 1, value);
            at += 2;
            if (at < source.length() && source.charAt(at) != ':') {
                throw Refusal.of("expected ':' after conversion specifier");
            }
        }
        Text spec = at < source.length() ? field.slice(at + 1, source.length()) : Text.EMPTY;
        FormatSpec.format(value, fill(spec, depth - 1).chars(), out);
    }

    private Value converted(String source, int at, Value value) {
        char conversion = at < source.length() ? source.charAt(at) : 0;
        return switch (conversion) {
            case 's' -> Repr.str(value, budget);
            case 'r', 'a' -> Repr.repr(value, budget);
            default -> throw Refusal.of("Unknown conversion specifier " + conversion);
        };
    }

    private Value value(String name) {
        int end = 0;
        while (end < name.length() && ".[".indexOf(name.charAt(end)) < 0) {
            end++;
        }
        Value value = argument(name.substring(0, end));
        while (end < name.length()) {
            int from = end + 1;
            if (name.charAt(end) == '[') {
                end = name.indexOf(']', from);
                if (end < 0) {
                    throw Refusal.of("Missing ']' in format string");
                }
                value = access.item().apply(value, key(name.substring(from, end)));
                end++;
            } else {
                end = from;
                while (end < name.length() && ".[".indexOf(name.charAt(end)) < 0) {
                    end++;
                }
                value = access.attribute().apply(value, name.substring(from, end));
            }
        }
        return value;
    }

    private static Value key(String key) {
        return isNumber(key) ? Value.Int.of(Integer.parseInt(key)) : Text.of(key);
    }

    private static boolean isNumber(String key) {
        return !key.isEmpty()
                && key.length() < 10
                && key.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private Value argument(String name) {
        if (name.isEmpty() || isNumber(name)) {
            if (name.isEmpty() ? manual : automatic > 0) {
                throw Refusal.of("cannot mix automatic and manual field numbering");
            }
            manual |= !name.isEmpty();
            int index = name.isEmpty() ? automatic++ : Integer.parseInt(name);
            if (index >= arguments.positional().size()) {
                throw Refusal.of("Replacement index " + index + " out of range");
            }
            return arguments.positional().get(index);
        }
        Value value = arguments.named().get(name);
        if (value == null) {
            throw Refusal.of("KeyError: '" + name + "'");
        }
        return value;
    }
}
