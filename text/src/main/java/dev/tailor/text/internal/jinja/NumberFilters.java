package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Numbers;
import dev.tailor.text.internal.jinja.value.Operators;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Repr;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.Undefined;
import dev.tailor.text.internal.jinja.value.Value;
import dev.tailor.text.internal.jinja.value.Value.Int;
import dev.tailor.text.internal.jinja.value.Value.Real;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Filters that make numbers or work on them.
final class NumberFilters {
    private static final Pattern REAL =
            Pattern.compile(
                    "[+-]?(\\d+(_\\d+)*\\.?(\\d+(_\\d+)*)?|\\.\\d+(_\\d+)*)([eE][+-]?\\d+(_\\d+)*)?");
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9a-zA-Z]+(_[0-9a-zA-Z]+)*");

    /// More than any number a template can hold has before its point.
    private static final int MAX_DIGITS = 4300;

    private NumberFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("int", NumberFilters::toInteger);
        filters.put("float", NumberFilters::toReal);
        filters.put("abs", NumberFilters::absolute);
        filters.put("round", NumberFilters::round);
        filters.put("filesizeformat", NumberFilters::fileSize);
    }

    private static Value toInteger(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("int", 0, "default", "base");
        refuseUndefined(input);
        BigInteger whole =
                input instanceof Text text
                        ? integer(text.chars(), bound.integer("base", 10))
                        : Numbers.integer(input);
        if (whole != null) {
            return new Int(whole);
        }
        Double real = real(input);
        if (real != null && input instanceof Real && Double.isInfinite(real)) {
            throw Refusal.of("cannot convert float infinity to integer");
        }
        return real == null || Double.isNaN(real) || Double.isInfinite(real)
                ? bound.get("default", Int.of(0))
                : new Int(new BigDecimal(real).toBigInteger());
    }

    private static Value toReal(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("float", 0, "default");
        refuseUndefined(input);
        Double real = real(input);
        return real != null ? new Real(real) : bound.get("default", new Real(0));
    }

    private static void refuseUndefined(Value input) {
        if (input instanceof Undefined undefined) {
            throw undefined.failure();
        }
    }

    /// `int(text, base)`, or null where the text is none.
    private static @Nullable BigInteger integer(String text, int base) {
        String digits = stripped(text);
        if (!INTEGER.matcher(digits).matches() || digits.length() > MAX_DIGITS) {
            return null;
        }
        boolean negative = digits.startsWith("-");
        digits = digits.replaceFirst("^[+-]", "").replace("_", "").toLowerCase(Locale.ROOT);
        String prefix =
                switch (base) {
                    case 16 -> "0x";
                    case 8 -> "0o";
                    case 2 -> "0b";
                    default -> "";
                };
        if (!prefix.isEmpty() && digits.startsWith(prefix)) {
            digits = digits.substring(2);
        }
        if (base < 2 || base > 36) {
            return null;
        }
        try {
            BigInteger value = new BigInteger(digits, base);
            return negative ? value.negate() : value;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /// `float(value)`, or null where it is none.
    private static @Nullable Double real(Value input) {
        if (Numbers.isNumber(input)) {
            return Numbers.real(input);
        }
        if (!(input instanceof Text text)) {
            return null;
        }
        String number = stripped(text.chars()).toLowerCase(Locale.ROOT);
        return switch (number) {
            case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
            case "nan", "+nan", "-nan" -> Double.NaN;
            default ->
                    REAL.matcher(number).matches() ? Double.valueOf(number.replace("_", "")) : null;
        };
    }

    private static String stripped(String text) {
        return TextParts.strip(Text.of(text), null, true, true).chars();
    }

    private static Value absolute(Value input, Arguments arguments, Runtime runtime) {
        arguments.bind("abs", 0);
        refuseUndefined(input);
        if (input instanceof Real real) {
            return new Real(Math.abs(real.value()));
        }
        BigInteger whole = Numbers.integer(input);
        if (whole == null) {
            throw Refusal.of("bad operand type for abs(): '" + input.typeName() + "'");
        }
        return new Int(whole.abs());
    }

    private static Value round(Value input, Arguments arguments, Runtime runtime) {
        var bound = arguments.bind("round", 0, "precision", "method");
        refuseUndefined(input);
        int precision = bound.integer("precision", 0);
        String method = bound.text("method", Text.of("common")).chars();
        return switch (method) {
            case "common" -> rounded(input, precision);
            case "ceil", "floor" -> {
                Value power = Numbers.apply("**", Int.of(10), Int.of(precision));
                Value scaled = Operators.apply("*", input, power, runtime.budget());
                double real = Numbers.real(scaled);
                double whole = method.equals("ceil") ? Math.ceil(real) : Math.floor(real);
                yield Numbers.apply("/", new Int(new BigDecimal(whole).toBigInteger()), power);
            }
            default -> throw Refusal.of("method must be common, ceil or floor");
        };
    }

    private static Value rounded(Value input, int precision) {
        BigInteger whole = Numbers.integer(input);
        if (precision < -MAX_DIGITS) {
            return whole != null ? Int.of(0) : new Real(0);
        }
        if (whole != null) {
            BigDecimal rounded = new BigDecimal(whole);
            return new Int(
                    precision >= 0
                            ? whole
                            : rounded.setScale(precision, RoundingMode.HALF_EVEN).toBigInteger());
        }
        double real = Numbers.real(input);
        if (Double.isNaN(real) || Double.isInfinite(real) || precision > 400) {
            return input;
        }
        return new Real(
                new BigDecimal(real).setScale(precision, RoundingMode.HALF_EVEN).doubleValue());
    }

    private static Value fileSize(Value input, Arguments arguments, Runtime runtime) {
        boolean binary = arguments.bind("filesizeformat", 0, "binary").truth("binary", false);
        refuseUndefined(input);
        Double size = real(input);
        if (size == null) {
            throw Refusal.of("could not convert to float: " + Repr.repr(input, runtime.budget()));
        }
        int base = binary ? 1024 : 1000;
        if (size == 1) {
            return Text.of("1 Byte");
        }
        if (size < base) {
            return Text.of((long) (double) size + " Bytes");
        }
        String prefixes = "KMGTPEZY";
        int i = 0;
        double unit = Math.pow(base, 2);
        while (size >= unit && i < prefixes.length() - 1) {
            unit *= base;
            i++;
        }
        String prefix =
                binary ? prefixes.charAt(i) + "i" : i == 0 ? "k" : prefixes.substring(i, i + 1);
        return Text.of(String.format(Locale.ROOT, "%.1f %sB", base * size / unit, prefix));
    }
}
