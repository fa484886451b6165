package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.PythonCharacters;

import java.util.Locale;
import java.util.function.IntPredicate;

/// Upper and lower case as Python's `str` has them, and its tests of characters.
final class TextCase {
    private TextCase() {}

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = Character.charCount(text.codePointAt(0));
        return titled(text.codePointAt(0)) + lower(text.substring(first));
    }

    private static String titled(int c) {
        int title = Character.toTitleCase(c);
        return title == c ? upper(Character.toString(c)) : Character.toString(title);
    }

    static String swapped(String text) {
        StringBuilder swapped = new StringBuilder(text.length());
        text.codePoints()
                .mapToObj(c ->
                        Character.isUpperCase(c)
                                ? lower(Character.toString(c))
                                : upper(Character.toString(c)))
                .forEach(swapped::append);
        return swapped.toString();
    }

    /// `str.title`: every letter after something that has no case starts a word.
    static String title(String text) {
        StringBuilder titled = new StringBuilder(text.length());
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            titled.append(inWord ? lower(Character.toString(c)) : titled(c));
            inWord = isCased(c);
        }
        return titled.toString();
    }

    /// Jinja's `title` filter: words are parted by blanks, hyphens and opening brackets only.
    static String titleOfWords(String text) {
        StringBuilder titled = new StringBuilder(text.length());
        boolean starts = true;
        for (int c : text.codePoints().toArray()) {
            titled.append(starts ? upper(Character.toString(c)) : lower(Character.toString(c)));
            starts = "-({[<".indexOf(c) >= 0 || PythonCharacters.isSpace(c);
        }
        return titled.toString();
    }

    private static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(c -> isCased(c) && !Character.isLowerCase(c));
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(c -> isCased(c) && !Character.isUpperCase(c));
    }

    static boolean isTitle(String text) {
        return text.codePoints().anyMatch(TextCase::isCased) && title(text).equals(text);
    }

    /// Whether there are characters and all of them pass.
    static boolean all(String text, IntPredicate test) {
        return !text.isEmpty() && text.codePoints().allMatch(test);
    }

    static boolean isNumeric(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    /// `str.isdigit`: decimal digits and those with a compatibility form, such as `²`.
    static boolean isDigit(int c) {
        return Character.isDigit(c)
                || c == 0xB2
                || c == 0xB3
                || c == 0xB9
                || c == 0x2070
                || (c >= 0x2074 && c <= 0x2079)
                || (c >= 0x2080 && c <= 0x2089)
                || (c >= 0x2460 && c <= 0x2468);
    }

    static boolean isIdentifier(String text) {
        return !text.isEmpty()
                && (text.codePointAt(0) == '_'
                        || Character.isUnicodeIdentifierStart(text.codePointAt(0)))
                && text.codePoints().allMatch(Character::isUnicodeIdentifierPart);
    }
}
