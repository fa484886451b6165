package dev.tailor.text.internal.jinja.value;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;

/// Python's format specification: `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
///
/// @param fill what pads, one code point
/// @param align one of `< > ^ =`, or 0 for the default of the type
/// @param sign one of `+ -` or a space
/// @param grouping `,` or `_`, or 0
/// @param precision -1 where none is given
/// @param type the presentation type, or 0
record FormatSpec(
        String fill,
        char align,
        char sign,
        boolean alternate,
        int width,
        char grouping,
        int precision,
        char type) {
    /// Parses what follows the colon of a replacement field.
    static FormatSpec parse(String source) {
        return new Parser(source).parse();
    }

    /// Pads a text to the width.
    void pad(Text body, char defaultAlign, TextBuilder out) {
        long missing = (long) width - body.codePoints();
        if (missing <= 0) {
            out.append(body);
            return;
        }
        long before =
                switch (align == 0 ? defaultAlign : align) {
                    case '<' -> 0;
                    case '^' -> missing / 2;
                    default -> missing;
                };
        Text padding = Text.of(fill);
        out.repeat(padding, before).append(body).repeat(padding, missing - before);
    }

    private static final class Parser {
        private final String source;
        private int at;

        Parser(String source) {
            this.source = source;
        }

        FormatSpec parse() {
            String fill = "";
            char align = 0;
            int first = source.isEmpty() ? 0 : Character.charCount(source.codePointAt(0));
            if (first > 0 && source.length() > first && isAlign(source.charAt(first))) {
                fill = source.substring(0, first);
                align = source.charAt(first);
                at = first + 1;
            } else if (!source.isEmpty() && isAlign(source.charAt(0))) {
                align = source.charAt(at++);
            }
            char sign = peek("+- ") ? source.charAt(at++) : '-';
            boolean alternate = peek("#") && at++ >= 0;
            if (peek("0")) {
                at++;
                if (fill.isEmpty()) {
                    fill = "0";
                    align = align == 0 ? '0' : align;
                }
            }
            int width = number(0);
            char grouping = peek(",_") ? source.charAt(at++) : 0;
            int precision = -1;
            if (peek(".")) {
                at++;
                precision = number(-1);
                if (precision < 0) {
                    throw Refusal.of("Format specifier missing precision");
                }
            }
            char type = at < source.length() ? source.charAt(at++) : 0;
            if (at < source.length()) {
                throw Refusal.of("Invalid format specifier '" + source + "'");
            }
            return new FormatSpec(
                    fill.isEmpty() ? " " : fill,
                    align,
                    sign,
                    alternate,
                    width,
                    grouping,
                    precision,
                    type);
        }

        private static boolean isAlign(char c) {
            return c == '<' || c == '>' || c == '^' || c == '=';
        }

        private boolean peek(String any) {
            return at < source.length() && any.indexOf(source.charAt(at)) >= 0;
        }

        private int number(int missing) {
            int from = at;
            long number = 0;
            while (peek("0123456789")) {
                number = Math.min(number * 10 + source.charAt(at++) - '0', Integer.MAX_VALUE);
            }
            return from == at ? missing : (int) number;
        }
    }

    /// Formats a value as `format(value, spec)`; `spec` is what stands after the colon.
    static void format(Value value, String spec, TextBuilder out) {
        if (spec.isEmpty()) {
            out.append(Repr.str(value, out.budget()));
            return;
        }
        FormatSpec parsed = parse(spec);
        switch (value) {
            case Text text -> parsed.formatText(text, out);
            case Value.Int number -> NumberFormat.integer(number.value(), parsed, out);
            case Value.Bool bool ->
                    NumberFormat.integer(
                            bool.truth() ? BigInteger.ONE : BigInteger.ZERO, parsed, out);
            case Value.Real number -> NumberFormat.real(number.value(), parsed, out);
            default ->
                    throw Refusal.of(
                            "unsupported format string passed to "
                                    + value.typeName()
                                    + ".__format__");
        }
    }

    private void formatText(Text text, TextBuilder out) {
        @Nullable String complaint =
                type != 0 && type != 's'
                        ? "Unknown format code '" + type + "' for object of type 'str'"
                        : sign != '-'
                                ? "Sign not allowed in string format specifier"
                                : align == '='
                                        ? "'=' alignment not allowed in string format specifier"
                                        : null;
        if (complaint != null) {
            throw Refusal.of(complaint);
        }
        Text shown =
                precision >= 0 && precision < text.codePoints()
                        ? text.codePointSlice(0, precision)
                        : text;
        (align == '0' ? withAlign('<') : this).pad(shown, '<', out);
    }

    private FormatSpec withAlign(char other) {
        return new FormatSpec(fill, other, sign, alternate, width, grouping, precision, type);
    }
}
