package dev.tailor.eval.internal.ifeval;

import java.util.Locale;
import java.util.regex.Pattern;

/// A token of Punkt with what is known about it (Kiss and Strunk 2006, section 3).
final class PunktToken {
    private static final Pattern NUMBER = Pattern.compile("-?[.,]?\\p{Nd}[\\p{Nd},.-]*+");
    private static final String NUMBER_TYPE = "##number##";

    final String text;
    final String type;
    boolean breaksSentence;
    boolean isAbbreviation;

    PunktToken(String text) {
        this.text = text;
        String lower = text.toLowerCase(Locale.ROOT);
        this.type = NUMBER.matcher(lower).matches() ? NUMBER_TYPE : lower;
    }

    boolean endsWithPeriod() {
        return text.endsWith(".");
    }

    boolean isNumber() {
        return type.equals(NUMBER_TYPE);
    }

    /// Two or more periods and nothing else.
    boolean isEllipsis() {
        return text.length() > 1 && text.chars().allMatch(c -> c == '.');
    }

    /// One letter and a period.
    boolean isInitial() {
        int first = text.codePointAt(0);
        return text.length() == Character.charCount(first) + 1
                && endsWithPeriod()
                && PythonText.isWord(first)
                && Character.getType(first) != Character.DECIMAL_DIGIT_NUMBER;
    }

    boolean startsUpper() {
        return Character.isUpperCase(text.codePointAt(0));
    }

    boolean startsLower() {
        return Character.isLowerCase(text.codePointAt(0));
    }

    /// The type without its final period.
    String typeWithoutPeriod() {
        return type.length() > 1 && type.endsWith(".")
                ? type.substring(0, type.length() - 1)
                : type;
    }

    /// The type without the period that ends a sentence, if it does.
    String typeWithoutSentencePeriod() {
        return breaksSentence ? typeWithoutPeriod() : type;
    }
}
