package dev.tailor.text.internal.jinja.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/// Numbers as Python's format specifications lay them out.
final class NumberFormat {
    /// More digits than a double has in full (5e-324 has 1074 behind the point).
    private static final int MAX_PRECISION = 1100;

    private NumberFormat() {}

    static void integer(BigInteger number, FormatSpec spec, TextBuilder out) {
        char type = spec.type();
        if (type != 0 && "eEfFgG%".indexOf(type) >= 0) {
            real(Numbers.real(new Value.Int(number)), spec, out);
            return;
        }
        if (spec.precision() >= 0) {
            throw Refusal.of("Precision not allowed in integer format specifier");
        }
        if (type == 'c') {
            spec.pad(Text.of(character(number)), '>', out);
            return;
        }
        BigInteger size = number.abs();
        String digits =
                switch (type) {
                    case 0, 'd', 'n' -> size.toString();
                    case 'b' -> size.toString(2);
                    case 'o' -> size.toString(8);
                    case 'x' -> size.toString(16);
                    case 'X' -> size.toString(16).toUpperCase(Locale.ROOT);
                    default ->
                            throw Refusal.of(
                                    "Unknown format code '" + type + "' for object of type 'int'");
                };
        String prefix = spec.alternate() && "boxX".indexOf(type) > -1 ? "0" + type : "";
        int group = type == 0 || type == 'd' || type == 'n' ? 3 : 4;
        signed(number.signum() < 0, prefix, digits, "", group, spec, out);
    }

    static void real(double number, FormatSpec spec, TextBuilder out) {
        char type = spec.type();
        if (type != 0 && "eEfFgGn%".indexOf(type) < 0) {
            throw Refusal.of("Unknown format code '" + type + "' for object of type 'float'");
        }
        boolean negative = number < 0 || (number == 0 && 1 / number < 0);
        String body = digits(Math.abs(number), type, spec.precision(), spec.alternate());
        int point = 0;
        while (point < body.length() && Character.isDigit(body.charAt(point))) {
            point++;
        }
        signed(negative, "", body.substring(0, point), body.substring(point), 3, spec, out);
    }

    /// The digits of a number that is not negative.
    static String digits(double number, char type, int precision, boolean alternate) {
        if (precision > MAX_PRECISION) {
            throw Refusal.limit("a number of more than " + MAX_PRECISION + " digits");
        }
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            String name = Double.isNaN(number) ? "nan" : "inf";
            return Character.isUpperCase(type) ? name.toUpperCase(Locale.ROOT) : name;
        }
        if (type == 0 && precision < 0) {
            return Repr.real(number);
        }
        int places = precision < 0 ? 6 : precision;
        BigDecimal exact = new BigDecimal(number);
        String digits =
                switch (type) {
                    case 'f', 'F' -> fixed(exact, places, alternate);
                    case '%' ->
                            fixed(exact.multiply(BigDecimal.valueOf(100)), places, alternate) + "%";
                    case 'e', 'E' -> scientific(exact, places, alternate);
                    default -> general(exact, Math.max(1, places), alternate, type == 0);
                };
        return Character.isUpperCase(type) ? digits.toUpperCase(Locale.ROOT) : digits;
    }

    private static String fixed(BigDecimal exact, int places, boolean alternate) {
        String digits = exact.setScale(places, RoundingMode.HALF_EVEN).toPlainString();
        return alternate && places == 0 ? digits + "." : digits;
    }

    private static String scientific(BigDecimal exact, int places, boolean alternate) {
        BigDecimal rounded = rounded(exact, places + 1);
        String digits = padded(rounded, places + 1);
        return mantissa(digits, alternate) + exponent(exponentOf(rounded));
    }

    private static String general(
            BigDecimal exact, int significant, boolean alternate, boolean likeRepr) {
        BigDecimal rounded = rounded(exact, significant);
        int exponent = exponentOf(rounded);
        String digits = padded(rounded, significant);
        if (!alternate) {
            digits = digits.replaceAll("0+$", "");
            digits = digits.isEmpty() ? "0" : digits;
        }
        if (exponent < -4 || exponent >= significant - (likeRepr ? 1 : 0)) {
            return mantissa(digits, alternate) + exponent(exponent);
        }
        String plain;
        if (exponent < 0) {
            plain = "0." + "0".repeat(-exponent - 1) + digits;
        } else if (digits.length() <= exponent + 1) {
            plain = digits + "0".repeat(exponent + 1 - digits.length()) + (alternate ? "." : "");
        } else {
            plain = digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
        }
        return likeRepr && plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }

    private static BigDecimal rounded(BigDecimal exact, int significant) {
        return exact.round(new MathContext(significant, RoundingMode.HALF_EVEN));
    }

    private static int exponentOf(BigDecimal number) {
        return number.signum() == 0 ? 0 : number.precision() - number.scale() - 1;
    }

    private static String padded(BigDecimal number, int significant) {
        String digits = number.unscaledValue().toString();
        return digits.length() >= significant
                ? digits.substring(0, significant)
                : digits + "0".repeat(significant - digits.length());
    }

    private static String mantissa(String digits, boolean alternate) {
        String fraction = digits.substring(1);
        return digits.charAt(0) + (fraction.isEmpty() && !alternate ? "" : "." + fraction);
    }

    private static String exponent(int exponent) {
        int size = Math.abs(exponent);
        return "e" + (exponent < 0 ? "-" : "+") + (size < 10 ? "0" : "") + size;
    }

    static String character(BigInteger number) {
        if (number.signum() < 0 || number.bitLength() > 31 || number.intValue() > 0x10FFFF) {
            throw Refusal.of("%c arg not in range(0x110000)");
        }
        return Character.toString(number.intValue());
    }

    /// Sign, prefix, grouped digits and the rest, padded to the width.
    private static void signed(
            boolean negative,
            String prefix,
            String digits,
            String rest,
            int group,
            FormatSpec spec,
            TextBuilder out) {
        String sign = negative ? "-" : spec.sign() == '-' ? "" : String.valueOf(spec.sign());
        String head = sign + prefix;
        boolean zeros = spec.align() == '0' || (spec.align() == '=' && spec.fill().equals("0"));
        int room = spec.width() - head.length() - rest.length();
        out.budget().grow(spec.width(), 0);
        String shown =
                spec.grouping() == 0
                        ? digits
                        : grouped(digits, group, spec.grouping(), zeros ? room : 0);
        if (spec.align() == '0' || spec.align() == '=') {
            out.append(head).repeat(Text.of(spec.fill()), room - (long) shown.length());
            out.append(shown).append(rest);
        } else {
            spec.pad(Text.of(head + shown + rest), '>', out);
        }
    }

    private static String grouped(String digits, int group, char separator, int room) {
        StringBuilder shown = new StringBuilder();
        int count = 0;
        for (int i = digits.length() - 1; i >= 0 || shown.length() < room; i--) {
            if (count > 0 && count % group == 0) {
                shown.insert(0, separator);
            }
            shown.insert(0, i >= 0 ? digits.charAt(i) : '0');
            count++;
        }
        return shown.toString();
    }
}
