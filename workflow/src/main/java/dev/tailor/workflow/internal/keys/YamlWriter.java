package dev.tailor.workflow.internal.keys;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Writes plain maps, lists and scalars as block-style YAML 1.2 that reads back equal.
public final class YamlWriter {
    private final StringBuilder out = new StringBuilder();

    /// The document of a mapping.
    public static String write(Map<String, ?> document) {
        YamlWriter writer = new YamlWriter();
        writer.mapping(document, 0);
        return writer.out.toString();
    }

    /// A value on one line: `{lora: {rank: 16, alpha: 32}}`.
    public static String flow(Object value) {
        return switch (value) {
            case Map<?, ?> map ->
                    map.entrySet().stream()
                            .map(e -> scalar(e.getKey()) + ": " + flow(e.getValue()))
                            .collect(Collectors.joining(", ", "{", "}"));
            case List<?> list ->
                    list.stream().map(YamlWriter::flow).collect(Collectors.joining(", ", "[", "]"));
            default -> scalar(value);
        };
    }

    /// A number as people write it: 2, 0.03, 2e-4.
    public static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        return Double.toString(value).replace(".0E", "e").replace('E', 'e');
    }

    private void mapping(Map<?, ?> map, int indent) {
        map.forEach((key, value) -> {
            out.repeat(' ', indent).append(scalar(key)).append(':');
            value(value, indent);
        });
    }

    private void value(Object value, int indent) {
        switch (value) {
            case Map<?, ?> map when !map.isEmpty() -> {
                out.append('\n');
                mapping(map, indent + 2);
            }
            case List<?> list when !list.isEmpty() -> {
                out.append('\n');
                for (Object item : list) {
                    item(item, indent + 2);
                }
            }
            default -> out.append(' ').append(scalar(value)).append('\n');
        }
    }

    private void item(Object item, int indent) {
        int start = out.length();
        switch (item) {
            case Map<?, ?> map when !map.isEmpty() -> mapping(map, indent + 2);
            case List<?> list when !list.isEmpty() -> {
                for (Object inner : list) {
                    item(inner, indent + 2);
                }
            }
            default -> out.repeat(' ', indent + 2).append(scalar(item)).append('\n');
        }
        // The dash takes the place of the first entry's own indentation.
        out.setCharAt(start + indent, '-');
    }

    private static String scalar(Object value) {
        return switch (value) {
            case Map<?, ?> map -> "{}";
            case List<?> list -> "[]";
            case String text -> isPlain(text) ? text : quoted(text);
            case Double number -> number(number);
            default -> value.toString();
        };
    }

    /// Plain only where no reader could take it for anything but text.
    private static boolean isPlain(String text) {
        return text.matches("[A-Za-z_/.~][A-Za-z0-9_./+*@-]*( [A-Za-z0-9_./+*@-]+)*")
                && !text.matches("(?i)true|false|null|yes|no|on|off|~|[-+.]?(inf|nan)|[0-9.]+")
                && !text.matches("[-+.0-9].*");
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0)) {
                        quoted.append("\\u%04x".formatted((int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
