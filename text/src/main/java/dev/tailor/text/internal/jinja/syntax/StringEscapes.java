package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.text.internal.jinja.value.Refusal;

import java.util.Locale;

/// The escapes of Python's string literals (`unicode_escape`).
final class StringEscapes {
    private StringEscapes() {}

    static String decode(String raw) {
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder text = new StringBuilder(raw.length());
        int at = 0;
        while (at < raw.length()) {
            char c = raw.charAt(at++);
            if (c == '\\' && at < raw.length()) {
                at = escape(raw, at, text);
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    private static int escape(String raw, int at, StringBuilder text) {
        int c = raw.codePointAt(at);
        int next = at + Character.charCount(c);
        switch (c) {
            case '\n' -> {}
            case '\\', '\'', '"' -> text.appendCodePoint(c);
            case 'a' -> text.append('\u0007');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'v' -> text.append('\u000B');
            case 'x' -> next = hexadecimal(raw, next, 2, text);
            case 'u' -> next = hexadecimal(raw, next, 4, text);
            case 'U' -> next = hexadecimal(raw, next, 8, text);
            case 'N' -> next = named(raw, next, text);
            case '0', '1', '2', '3', '4', '5', '6', '7' -> next = octal(raw, at, text);
            default -> {
                text.append('\\');
                if (c < 128) {
                    text.appendCodePoint(c);
                } else {
                    // Jinja turns the character itself into an escape first, whose backslash the
                    // one before it then escapes.
                    text.append(
                            String.format(
                                    Locale.ROOT,
                                    c < 0x100 ? "x%02x" : c < 0x10000 ? "u%04x" : "U%08x",
                                    c));
                }
            }
        }
        return next;
    }

    private static int hexadecimal(String raw, int from, int digits, StringBuilder text) {
        int end = from + digits;
        if (end > raw.length()) {
            throw Refusal.of("truncated escape in a string");
        }
        long codePoint = 0;
        for (int i = from; i < end; i++) {
            int digit = raw.charAt(i) < 128 ? Character.digit(raw.charAt(i), 16) : -1;
            if (digit < 0) {
                throw Refusal.of("truncated escape in a string");
            }
            codePoint = codePoint * 16 + digit;
        }
        if (codePoint > Character.MAX_CODE_POINT) {
            throw Refusal.of("illegal Unicode character in a string");
        }
        text.appendCodePoint((int) codePoint);
        return end;
    }

    private static int named(String raw, int from, StringBuilder text) {
        int close = raw.indexOf('}', from);
        if (!raw.startsWith("{", from) || close < 0) {
            throw Refusal.of("malformed \\N character escape");
        }
        try {
            text.appendCodePoint(Character.codePointOf(raw.substring(from + 1, close)));
        } catch (IllegalArgumentException e) {
            throw Refusal.of("unknown Unicode character name").causedBy(e);
        }
        return close + 1;
    }

    private static int octal(String raw, int from, StringBuilder text) {
        int end = from;
        int codePoint = 0;
        while (end < raw.length()
                && end < from + 3
                && raw.charAt(end) >= '0'
                && raw.charAt(end) <= '7') {
            codePoint = codePoint * 8 + raw.charAt(end++) - '0';
        }
        text.appendCodePoint(codePoint);
        return end;
    }
}
