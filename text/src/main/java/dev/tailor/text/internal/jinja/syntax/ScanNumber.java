package dev.tailor.text.internal.jinja.syntax;

/// Where number literals begin and end: `12`, `1_000`, `0xff`, `1.5`, `2e-3`.
final class ScanNumber {
    private ScanNumber() {}

    static boolean startsAt(String source, int at) {
        return isDigit(source, at, 10);
    }

    static boolean isReal(String source, int at) {
        return realEnd(source, at) > at;
    }

    static int end(String source, int at) {
        int real = realEnd(source, at);
        if (real > at) {
            return real;
        }
        if (source.charAt(at) == '0') {
            int radix =
                    switch (at + 1 < source.length()
                            ? Character.toLowerCase(source.charAt(at + 1))
                            : 0) {
                        case 'x' -> 16;
                        case 'o' -> 8;
                        case 'b' -> 2;
                        default -> 0;
                    };
            int first = isUnderscore(source, at + 2) ? at + 3 : at + 2;
            if (radix > 0 && isDigit(source, first, radix)) {
                return digits(source, first, radix);
            }
            int end = at + 1;
            while (isZero(source, end) || (isUnderscore(source, end) && isZero(source, end + 1))) {
                end++;
            }
            return end;
        }
        return digits(source, at, 10);
    }

    /// The end of a float literal, or `at` where there is none.
    private static int realEnd(String source, int at) {
        if (at > 0 && source.charAt(at - 1) == '.') {
            return at;
        }
        int end = digits(source, at, 10);
        boolean fraction = isAt(source, end, '.') && isDigit(source, end + 1, 10);
        int mantissa = fraction ? digits(source, end + 1, 10) : end;
        int exponent = mantissa;
        if (isAt(source, mantissa, 'e') || isAt(source, mantissa, 'E')) {
            exponent++;
            if (isAt(source, exponent, '+') || isAt(source, exponent, '-')) {
                exponent++;
            }
            if (isDigit(source, exponent, 10)) {
                return digits(source, exponent, 10);
            }
        }
        return fraction ? mantissa : at;
    }

    private static int digits(String source, int from, int radix) {
        int end = from;
        while (isDigit(source, end, radix)
                || (end > from && isUnderscore(source, end) && isDigit(source, end + 1, radix))) {
            end++;
        }
        return end;
    }

    private static boolean isDigit(String source, int at, int radix) {
        return at < source.length()
                && source.charAt(at) < 128
                && Character.digit(source.charAt(at), radix) >= 0;
    }

    private static boolean isUnderscore(String source, int at) {
        return isAt(source, at, '_');
    }

    private static boolean isZero(String source, int at) {
        return isAt(source, at, '0');
    }

    private static boolean isAt(String source, int at, char c) {
        return at < source.length() && source.charAt(at) == c;
    }
}
