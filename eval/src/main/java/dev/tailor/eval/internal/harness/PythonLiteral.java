package dev.tailor.eval.internal.harness;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads what Python's `ast.literal_eval` reads, as far as templates print it: texts, numbers,
/// `True`, `False`, `None`, lists, tuples and dicts of them.
public final class PythonLiteral {
    private static final int MAX_DEPTH = 50;

    private final String text;
    private int at;

    private PythonLiteral(String text) {
        this.text = text;
    }

    /// The value: String, Long, Double, Boolean, List or Map; empty if the text is no literal.
    public static Optional<Object> read(String text) {
        try {
            PythonLiteral reader = new PythonLiteral(text.strip());
            Object value = reader.value(0);
            reader.space();
            return value == null || reader.at < reader.text.length()
                    ? Optional.empty()
                    : Optional.of(value);
        } catch (NotALiteral | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static final class NotALiteral extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotALiteral() {
            super(null, null, false, false);
        }
    }

    private @Nullable Object value(int depth) {
        space();
        if (depth > MAX_DEPTH || at >= text.length()) {
            throw new NotALiteral();
        }
        char c = text.charAt(at);
        return switch (c) {
            case '[' -> list(']', depth);
            case '(' -> {
                List<Object> items = list(')', depth);
                boolean isTuple = items.size() != 1 || text.charAt(at - 2) == ',';
                yield isTuple ? items : items.getFirst();
            }
            case '{' -> dict(depth);
            case '\'', '"' -> string();
            default -> Character.isLetter(c) ? word() : number();
        };
    }

    @SuppressWarnings("NullAway") // None is a value of lists
    private List<Object> list(char close, int depth) {
        List<Object> items = new ArrayList<>();
        at++;
        space();
        while (!take(close)) {
            items.add(value(depth + 1));
            space();
            if (!take(',') && !(at < text.length() && text.charAt(at) == close)) {
                throw new NotALiteral();
            }
            space();
        }
        return items;
    }

    @SuppressWarnings("NullAway") // None is a value of dicts
    private Map<String, Object> dict(int depth) {
        Map<String, Object> entries = new LinkedHashMap<>();
        at++;
        space();
        while (!take('}')) {
            String key = String.valueOf(value(depth + 1));
            space();
            if (!take(':')) {
                throw new NotALiteral();
            }
            entries.put(key, value(depth + 1));
            space();
            if (!take(',') && !(at < text.length() && text.charAt(at) == '}')) {
                throw new NotALiteral();
            }
            space();
        }
        return entries;
    }

    private boolean take(char c) {
        if (at >= text.length()) {
            throw new NotALiteral();
        }
        if (text.charAt(at) != c) {
            return false;
        }
        at++;
        return true;
    }

    private @Nullable Object word() {
        int from = at;
        while (at < text.length() && Character.isLetter(text.charAt(at))) {
            at++;
        }
        return switch (text.substring(from, at)) {
            case "True" -> Boolean.TRUE;
            case "False" -> Boolean.FALSE;
            case "None" -> null;
            default -> throw new NotALiteral();
        };
    }

    private Object number() {
        int from = at;
        while (at < text.length() && "+-.0123456789eE_".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(from, at).replace("_", "");
        if (digits.matches("[-+]?(0+|[1-9][0-9]*)")) {
            return Long.valueOf(digits);
        }
        if (digits.matches("[-+]?[0-9]*\\.?[0-9]*([eE][-+]?[0-9]+)?")) {
            return Double.valueOf(digits);
        }
        throw new NotALiteral();
    }

    /// One or more quoted texts side by side.
    private String string() {
        StringBuilder joined = new StringBuilder();
        do {
            quoted(joined);
            space();
        } while (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"'));
        return joined.toString();
    }

    private void quoted(StringBuilder out) {
        char quote = text.charAt(at++);
        while (!take(quote)) {
            char c = text.charAt(at++);
            if (c == '\n') {
                throw new NotALiteral();
            }
            if (c == '\\') {
                escape(out);
            } else {
                out.append(c);
            }
        }
    }

    private void escape(StringBuilder out) {
        if (at >= text.length()) {
            throw new NotALiteral();
        }
        char c = text.charAt(at++);
        switch (c) {
            case 'n' -> out.append('\n');
            case 't' -> out.append('\t');
            case 'r' -> out.append('\r');
            case '0' -> out.append('\0');
            case 'a' -> out.append('\u0007');
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'v' -> out.append('\u000b');
            case '\\', '\'', '"' -> out.append(c);
            case 'x' -> out.appendCodePoint(hex(2));
            case 'u' -> out.append((char) hex(4));
            case 'U' -> out.appendCodePoint(hex(8));
            case '\n' -> {}
            default -> out.append('\\').append(c);
        }
    }

    private int hex(int digits) {
        if (at + digits > text.length()) {
            throw new NotALiteral();
        }
        int value = Integer.parseInt(text.substring(at, at + digits), 16);
        at += digits;
        if (!Character.isValidCodePoint(value)) {
            throw new NotALiteral();
        }
        return value;
    }

    private void space() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }
}
