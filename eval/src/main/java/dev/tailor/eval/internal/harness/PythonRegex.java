package dev.tailor.eval.internal.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A regular expression in Python's spelling, with a bound on the work of one search: a pattern
/// from a task file meets answers of a model, and neither may stall an evaluation.
public final class PythonRegex {
    /// Looks at characters in one search. A pattern without nested repetition needs a few per
    /// character.
    private static final long MAX_LOOKS = 20_000_000;

    private final String source;
    private final Pattern pattern;

    private PythonRegex(String source, Pattern pattern) {
        this.source = source;
        this.pattern = pattern;
    }

    /// Compiles an expression.
    ///
    /// @throws TailorException `CONFIG_INVALID` if it is none
    public static PythonRegex compile(String source) {
        try {
            int flags = Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES;
            return new PythonRegex(source, Pattern.compile(RegexSpelling.java(source), flags));
        } catch (PatternSyntaxException e) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "not a regular expression: '" + source + "': " + e.getDescription())
                    .causedBy(e);
        }
    }

    /// `findall`: for each match its groups, or the whole match where there are none.
    public List<List<String>> findAll(String text) {
        Matcher matcher = matcher(text);
        List<List<String>> found = new ArrayList<>();
        try {
            while (matcher.find()) {
                List<String> groups = new ArrayList<>();
                for (int i = Math.min(1, matcher.groupCount()); i <= matcher.groupCount(); i++) {
                    String group = matcher.group(i);
                    groups.add(group == null ? "" : group);
                }
                found.add(groups);
            }
        } catch (StackOverflowError e) {
            throw tooMuch();
        }
        return found;
    }

    /// `sub(pattern, "", text)`.
    public String remove(String text) {
        try {
            return matcher(text).replaceAll("");
        } catch (StackOverflowError e) {
            throw tooMuch();
        }
    }

    /// `split(pattern, text)` of an expression without groups.
    public List<String> split(String text) {
        return List.of(pattern.split(text, -1));
    }

    /// Whether it matches somewhere in the text.
    public boolean isIn(String text) {
        return matcher(text).find();
    }

    private Matcher matcher(String text) {
        return pattern.matcher(new Watched(text, new long[1]));
    }

    private TailorException tooMuch() {
        return TailorException.of(
                        ErrorCode.DATA_INVALID,
                        "the regular expression '" + source + "' takes too long on an answer")
                .remedy("nested repetitions such as (a+)+ are the usual cause");
    }

    /// A text that counts how often it is looked at.
    private final class Watched implements CharSequence {
        private final String text;
        private final long[] looks;

        Watched(String text, long[] looks) {
            this.text = text;
            this.looks = looks;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++looks[0] > MAX_LOOKS) {
                throw tooMuch();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
