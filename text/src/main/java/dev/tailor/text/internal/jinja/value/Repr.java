package dev.tailor.text.internal.jinja.value;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Locale;

/// Python's `str` and `repr`.
public final class Repr {
    private Repr() {}

    /// `str(value)`.
    public static Text str(Value value, Budget budget) {
        return switch (value) {
            case Text text -> text;
            case Undefined undefined -> Text.EMPTY;
            case Value.Int number -> Text.of(number.value().toString());
            default -> repr(value, budget);
        };
    }

    /// `repr(value)`.
    public static Text repr(Value value, Budget budget) {
        TextBuilder out = new TextBuilder(budget);
        append(value, out);
        return out.text();
    }

    private static void append(Value value, TextBuilder out) {
        out.budget().enter();
        try {
            switch (value) {
                case Value.None none -> out.append("None");
                case Value.Bool bool -> out.append(bool.truth() ? "True" : "False");
                case Value.Int number -> out.append(number.value().toString());
                case Value.Real number -> out.append(real(number.value()));
                case Undefined undefined -> out.append("Undefined");
                case Text text -> quoted(text, out);
                case Sequence.ListValue list -> elements("[", list.elements(), "]", out);
                case Sequence.Tuple tuple ->
                        elements("(", tuple.elements(), tuple.size() == 1 ? ",)" : ")", out);
                case Sequence.Range range -> out.append(range(range));
                case Dict dict -> entries(dict, out);
                case DictView view -> elements(view.typeName() + "([", view.elements(), "])", out);
                case Cursor cursor -> out.append("<" + cursor.typeName() + " object>");
                case Callable callable -> out.append(callable.repr());
                case Structure structure -> out.append(structure.repr(out.budget()));
            }
        } finally {
            out.budget().leave();
        }
    }

    private static void elements(
            String open, Collection<Value> elements, String close, TextBuilder out) {
        out.append(open);
        String separator = "";
        for (Value element : elements) {
            out.append(separator);
            append(element, out);
            separator = ", ";
        }
        out.append(close);
    }

    private static void entries(Dict dict, TextBuilder out) {
        out.append("{");
        String separator = "";
        for (Dict.Entry entry : dict.entries()) {
            out.append(separator);
            append(entry.key(), out);
            out.append(": ");
            append(entry.value(), out);
            separator = ", ";
        }
        out.append("}");
    }

    private static String range(Sequence.Range range) {
        String bounds = range.start() + ", " + range.stop();
        return "range(" + bounds + (range.step() == 1 ? "" : ", " + range.step()) + ")";
    }

    /// The text in quotes, its marks kept where nothing had to be escaped.
    private static void quoted(Text text, TextBuilder out) {
        String chars = text.chars();
        char quote = chars.indexOf('\'') >= 0 && chars.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder escaped = new StringBuilder(chars.length());
        chars.codePoints().forEach(c -> escape(c, quote, escaped));
        String mark = String.valueOf(quote);
        out.append(text.isMarkup() ? "Markup(" + mark : mark);
        out.appendDerived(text, escaped.toString());
        out.append(text.isMarkup() ? mark + ")" : mark);
    }

    private static void escape(int c, char quote, StringBuilder out) {
        switch (c) {
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (c == quote) {
                    out.append('\\').append(quote);
                } else if (PythonCharacters.isPrintable(c)) {
                    out.appendCodePoint(c);
                } else {
                    String form = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
                    out.append(String.format(Locale.ROOT, form, c));
                }
            }
        }
    }

    /// `repr(float)`: the shortest digits that read back as the same number, with an exponent below
    /// 1e-4 and from 1e16 on.
    public static String real(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        if (number == 0) {
            return 1 / number < 0 ? "-0.0" : "0.0";
        }
        var decimal = new BigDecimal(Double.toString(Math.abs(number)));
        String digits = decimal.unscaledValue().toString();
        int exponent = digits.length() - decimal.scale() - 1;
        digits = shortest(digits.replaceAll("0+$", ""), exponent, Math.abs(number));
        return (number < 0 ? "-" : "") + layOut(digits, exponent);
    }

    /// Java gives at least two digits, the closest ones, where one may do: 4.9E-324 for 5e-324.
    private static String shortest(String digits, int exponent, double number) {
        if (digits.length() == 2) {
            int rounded = (Integer.parseInt(digits) + 5) / 10;
            if (rounded < 10 && Double.parseDouble(rounded + "e" + exponent) == number) {
                return String.valueOf(rounded);
            }
        }
        return digits;
    }

    private static String layOut(String digits, int exponent) {
        if (exponent < -4 || exponent >= 16) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            String sign = exponent < 0 ? "-" : "+";
            int size = Math.abs(exponent);
            return digits.charAt(0) + fraction + "e" + sign + (size < 10 ? "0" : "") + size;
        }
        if (exponent < 0) {
            return "0." + "0".repeat(-exponent - 1) + digits;
        }
        int point = exponent + 1;
        return digits.length() <= point
                ? digits + "0".repeat(point - digits.length()) + ".0"
                : digits.substring(0, point) + "." + digits.substring(point);
    }
}
