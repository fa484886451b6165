package dev.tailor.eval.internal.ifeval;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A keyword as the reference reads it: a regular expression. A keyword without special characters
/// is looked for as it stands. Others come with the data, and data is not trusted: such a search
/// may look at so many characters and no more.
final class Keyword {
    /// Far more than any expression that is not catastrophic needs for a response, and a tenth of a
    /// second at most.
    private static final int MOST_READS = 10_000_000;

    private static final String SPECIAL = "\\.^$*+?{}[]|()";
    private static final int ANY_CASE = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
    private static final int REGEX = Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS;
    private static final String OPTIONAL_SPACE = "[" + PythonText.SPACE + "]?";

    private final String text;
    private final Pattern pattern;
    private final boolean literal;

    private Keyword(String text, String before, String after, int flags) {
        this.text = text;
        this.literal = text.chars().noneMatch(c -> SPECIAL.indexOf(c) >= 0);
        try {
            this.pattern =
                    Pattern.compile(
                            before + (literal ? Pattern.quote(text) : text) + after,
                            literal ? flags : flags | REGEX);
        } catch (PatternSyntaxException e) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "the keyword '"
                                    + text
                                    + "' is not a regular expression: "
                                    + e.getDescription())
                    .causedBy(e);
        }
    }

    /// A keyword that may stand anywhere.
    static Keyword anywhere(String text) {
        return new Keyword(text, "", "", ANY_CASE);
    }

    /// A keyword between word boundaries.
    static Keyword wholeWord(String text) {
        return new Keyword(text, PythonText.WORD_BOUNDARY, PythonText.WORD_BOUNDARY, ANY_CASE);
    }

    /// The word before a section's number, with regard to case.
    static Keyword heading(String text) {
        return new Keyword(text, OPTIONAL_SPACE, OPTIONAL_SPACE + "\\p{Nd}++" + OPTIONAL_SPACE, 0);
    }

    boolean isIn(String response) {
        return occurrences(response, 1) > 0;
    }

    int occurrences(String response) {
        return occurrences(response, Integer.MAX_VALUE);
    }

    private int occurrences(String response, int most) {
        Matcher matcher = pattern.matcher(literal ? response : new BoundedText(response));
        int count = 0;
        try {
            while (count < most && matcher.find()) {
                count++;
            }
        } catch (StackOverflowError e) {
            throw tooMuchWork(text);
        }
        return count;
    }

    private static TailorException tooMuchWork(String keyword) {
        return TailorException.of(
                        ErrorCode.DATA_INVALID,
                        "looking for the keyword '" + keyword + "' takes too long")
                .remedy("the reference reads keywords as regular expressions: write a simpler one");
    }

    private final class BoundedText implements CharSequence {
        private final String response;
        private int reads;

        BoundedText(String response) {
            this.response = response;
        }

        @Override
        public char charAt(int index) {
            if (++reads > MOST_READS) {
                throw tooMuchWork(text);
            }
            return response.charAt(index);
        }

        @Override
        public int length() {
            return response.length();
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return response.substring(from, to);
        }

        @Override
        public String toString() {
            return response;
        }
    }
}
