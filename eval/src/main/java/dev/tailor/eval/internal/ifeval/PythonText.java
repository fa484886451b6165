package dev.tailor.eval.internal.ifeval;

/// Text as Python's `str` sees it. The reference's verdicts hang on what Python calls white space,
/// a word character and an upper-case text; Java draws these lines elsewhere.
final class PythonText {
    /// `\w` of Python's `re` as the inside of a Java character class: letters, numbers and `_`, but
    /// no combining marks.
    static final String WORD = "\\p{L}\\p{N}_";

    /// `\s` of Python's `re` as the inside of a Java character class.
    static final String SPACE =
            "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

    /// `\b` of Python's `re`.
    static final String WORD_BOUNDARY =
            "(?:(?<=[" + WORD + "])(?![" + WORD + "])|(?<![" + WORD + "])(?=[" + WORD + "]))";

    private PythonText() {}

    /// `str.isspace` of one character.
    static boolean isSpace(char c) {
        return switch (c) {
            case ' ', 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 -> true;
            default ->
                    (c >= '\t' && c <= '\r')
                            || (c >= 0x1c && c <= 0x1f)
                            || (c >= 0x2000 && c <= 0x200a);
        };
    }

    /// Whether a character is matched by `\w`.
    static boolean isWord(int codePoint) {
        if (codePoint == '_' || Character.isLetter(codePoint)) {
            return true;
        }
        int type = Character.getType(codePoint);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    /// Whether a character is matched by `\w` of Python's `regex` package: what Unicode Technical
    /// Standard 18 calls a word character, with combining marks and connectors.
    static boolean isLetterOrMark(int codePoint) {
        if (Character.isAlphabetic(codePoint) || codePoint == 0x200c || codePoint == 0x200d) {
            return true;
        }
        return switch (Character.getType(codePoint)) {
            case Character.NON_SPACING_MARK,
                    Character.COMBINING_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.DECIMAL_DIGIT_NUMBER,
                    Character.CONNECTOR_PUNCTUATION ->
                    true;
            default -> false;
        };
    }

    /// `text.strip()`.
    static String strip(String text) {
        int from = skipSpace(text, 0);
        int to = text.length();
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    /// Whether `text.strip()` is empty.
    static boolean isBlank(String text) {
        return skipSpace(text, 0) == text.length();
    }

    /// The first index from `from` on that holds no white space.
    static int skipSpace(String text, int from) {
        int i = from;
        while (i < text.length() && isSpace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /// The first index from `from` on that holds white space.
    static int skipNonSpace(String text, int from) {
        int i = from;
        while (i < text.length() && !isSpace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /// `text.strip(c)`.
    static String strip(String text, char c) {
        int from = 0;
        int to = text.length();
        while (from < to && text.charAt(from) == c) {
            from++;
        }
        while (to > from && text.charAt(to - 1) == c) {
            to--;
        }
        return text.substring(from, to);
    }

    /// `text.lstrip(c)`.
    static String stripLeading(String text, char c) {
        int from = 0;
        while (from < text.length() && text.charAt(from) == c) {
            from++;
        }
        return text.substring(from);
    }

    /// `text.isupper()`: some character is upper-case and none is lower- or title-case.
    static boolean isUpper(String text) {
        boolean cased = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (Character.isLowerCase(c) || Character.isTitleCase(c)) {
                return false;
            }
            cased |= Character.isUpperCase(c);
            i += Character.charCount(c);
        }
        return cased;
    }

    /// `text.islower()`: some character is lower-case and none is upper- or title-case.
    static boolean isLower(String text) {
        boolean cased = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (Character.isUpperCase(c) || Character.isTitleCase(c)) {
                return false;
            }
            cased |= Character.isLowerCase(c);
            i += Character.charCount(c);
        }
        return cased;
    }
}
