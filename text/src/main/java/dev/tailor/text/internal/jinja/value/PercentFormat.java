package dev.tailor.text.internal.jinja.value;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;

/// Python's `format % values`.
final class PercentFormat {
    private final Text format;
    private final String source;
    private final Value values;
    private final TextBuilder out;
    private int at;
    private int next;
    private boolean byName;

    private PercentFormat(Text format, Value values, Budget budget) {
        this.format = format;
        this.source = format.chars();
        this.values = values;
        this.out = new TextBuilder(budget);
    }

    static Text format(Text format, Value values, Budget budget) {
        return new PercentFormat(format, values, budget).run();
    }

    private Text run() {
        while (at < source.length()) {
            int percent = source.indexOf('%', at);
            int end = percent < 0 ? source.length() : percent;
            out.append(format.slice(at, end));
            at = end;
            if (percent >= 0) {
                at++;
                conversion();
            }
        }
        int given = values instanceof Sequence.Tuple tuple ? tuple.size() : 1;
        boolean mapping =
                values instanceof Dict
                        || values instanceof Sequence.ListValue
                        || values instanceof Undefined;
        if (!byName && !mapping && next < given) {
            throw Refusal.of("not all arguments converted during string formatting");
        }
        return out.text();
    }

    private void conversion() {
        Value named = peek('(') ? named() : null;
        int flagsFrom = at;
        while (at < source.length() && "-+ #0".indexOf(source.charAt(at)) >= 0) {
            at++;
        }
        String flags = source.substring(flagsFrom, at);
        int width = number(0);
        boolean left = flags.indexOf('-') >= 0 || width < 0;
        int precision = -1;
        if (peek('.')) {
            at++;
            precision = Math.max(0, number(0));
        }
        while (peek('h') || peek('l') || peek('L')) {
            at++;
        }
        if (at >= source.length()) {
            throw Refusal.of("incomplete format");
        }
        char type = source.charAt(at++);
        if (type == '%') {
            out.append("%");
            return;
        }
        Value value = named != null ? named : argument();
        convert(type, value, flags, left, Math.abs(width), precision);
    }

    private void convert(
            char type, Value value, String flags, boolean left, int width, int precision) {
        boolean text = "sracA".indexOf(type) >= 0;
        char align = left ? '<' : !text && flags.indexOf('0') >= 0 ? '0' : '>';
        String fill = align == '0' ? "0" : " ";
        char sign = flags.indexOf('+') >= 0 ? '+' : flags.indexOf(' ') >= 0 ? ' ' : '-';
        boolean alternate = flags.indexOf('#') >= 0;
        switch (type) {
            case 's', 'r', 'a', 'c' -> {
                Text shown = text(type, value);
                if (precision >= 0 && precision < shown.codePoints() && type != 'c') {
                    shown = shown.codePointSlice(0, precision);
                }
                new FormatSpec(" ", align, '-', false, width, (char) 0, -1, 's')
                        .pad(shown, '>', out);
            }
            case 'd', 'i', 'u', 'o', 'x', 'X' -> {
                char shown = "iu".indexOf(type) >= 0 ? 'd' : type;
                BigInteger number = integer(type, value);
                var spec = new FormatSpec(fill, align, sign, alternate, width, (char) 0, -1, shown);
                if (precision > number.abs().toString().length()) {
                    throw Refusal.of("a precision in %" + type + " is not supported");
                }
                NumberFormat.integer(number, spec, out);
            }
            case 'e', 'E', 'f', 'F', 'g', 'G' -> {
                int digits = precision < 0 ? 6 : precision;
                NumberFormat.real(
                        Numbers.real(value),
                        new FormatSpec(fill, align, sign, alternate, width, (char) 0, digits, type),
                        out);
            }
            default ->
                    throw Refusal.of(
                            String.format(Locale.ROOT, "unsupported format character '%c'", type));
        }
    }

    private Text text(char type, Value value) {
        if (type == 's') {
            return Repr.str(value, out.budget());
        }
        if (type != 'c') {
            return Repr.repr(value, out.budget());
        }
        if (value instanceof Text one && one.codePoints() == 1) {
            return one;
        }
        BigInteger number = Numbers.integer(value);
        if (number == null) {
            throw Refusal.of("%c requires int or char");
        }
        return Text.of(NumberFormat.character(number));
    }

    private static BigInteger integer(char type, Value value) {
        BigInteger number = Numbers.integer(value);
        if (number != null) {
            return number;
        }
        if (value instanceof Value.Real real && "diu".indexOf(type) >= 0) {
            if (Double.isNaN(real.value()) || Double.isInfinite(real.value())) {
                throw Refusal.of("cannot convert float " + Repr.real(real.value()) + " to integer");
            }
            return new BigDecimal(real.value()).toBigInteger();
        }
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        throw Refusal.of(
                "%" + type + " format: a real number is required, not " + value.typeName());
    }

    private @Nullable Value named() {
        int depth = 0;
        int from = at + 1;
        do {
            if (at >= source.length()) {
                throw Refusal.of("incomplete format key");
            }
            char c = source.charAt(at++);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        } while (depth > 0);
        byName = true;
        Text key = format.slice(from, at - 1);
        if (!(values instanceof Dict dict)) {
            throw Refusal.of("format requires a mapping");
        }
        Value value = dict.get(key);
        if (value == null) {
            throw Refusal.of("KeyError: '" + key + "'");
        }
        return value;
    }

    private Value argument() {
        if (values instanceof Sequence.Tuple tuple) {
            if (next >= tuple.size()) {
                throw Refusal.of("not enough arguments for format string");
            }
            return tuple.get(next++);
        }
        if (next++ > 0) {
            throw Refusal.of("not enough arguments for format string");
        }
        return values;
    }

    private int number(int missing) {
        if (peek('*')) {
            at++;
            return Numbers.index(argument());
        }
        int from = at;
        long number = 0;
        while (at < source.length() && Character.isDigit(source.charAt(at))) {
            number = Math.min(number * 10 + source.charAt(at++) - '0', Integer.MAX_VALUE);
        }
        return from == at ? missing : (int) number;
    }

    private boolean peek(char c) {
        return at < source.length() && source.charAt(at) == c;
    }
}
