package dev.tailor.eval.internal.ifeval;

import java.util.ArrayList;
import java.util.List;

/// Cuts text into the tokens that Punkt decides about: words keep their periods, other punctuation
/// stands alone, and dashes and ellipses stay together.
final class PunktWords {
    /// Characters that end a word wherever they stand.
    private static final String NOT_IN_WORDS = ")\";}]*:@'({[‘’“”«»?!";

    /// Characters that do not begin a word.
    private static final String NOT_AT_START = "(\"`{[:;&#*@)}]-,";

    private PunktWords() {}

    /// Whether a character ends a word wherever it stands.
    static boolean endsWord(char c) {
        return NOT_IN_WORDS.indexOf(c) >= 0;
    }

    /// The tokens of all lines of `text`.
    static List<PunktToken> tokens(String text) {
        List<PunktToken> tokens = new ArrayList<>();
        int from = 0;
        while (from <= text.length()) {
            int end = text.indexOf('\n', from);
            int to = end < 0 ? text.length() : end;
            addLine(text.substring(from, to), tokens);
            from = to + 1;
        }
        return tokens;
    }

    private static void addLine(String line, List<PunktToken> tokens) {
        int at = PythonText.skipSpace(line, 0);
        while (at < line.length()) {
            int end = tokenEnd(line, at);
            tokens.add(new PunktToken(line.substring(at, end)));
            at = PythonText.skipSpace(line, end);
        }
    }

    private static int tokenEnd(String line, int at) {
        int marks = marksEnd(line, at);
        if (marks > at) {
            return marks;
        }
        int end = at + 1;
        if (NOT_AT_START.indexOf(line.charAt(at)) < 0) {
            while (!isWordEnd(line, end)) {
                end++;
            }
        }
        return end;
    }

    private static boolean isWordEnd(String line, int at) {
        if (isBoundary(line, at)) {
            return true;
        }
        return line.charAt(at) == ',' && isBoundary(line, at + 1);
    }

    private static boolean isBoundary(String line, int at) {
        if (at >= line.length()) {
            return true;
        }
        char c = line.charAt(at);
        return PythonText.isSpace(c) || endsWord(c) || marksEnd(line, at) > at;
    }

    /// The end of two or more dashes, two or more periods, or three or more periods with single
    /// spaces between them; `at` where there are none.
    private static int marksEnd(String line, int at) {
        char c = line.charAt(at);
        if (c != '-' && c != '.') {
            return at;
        }
        int end = at;
        while (end < line.length() && line.charAt(end) == c) {
            end++;
        }
        if (end - at > 1) {
            return end;
        }
        return c == '.' ? spacedPeriodsEnd(line, at) : at;
    }

    private static int spacedPeriodsEnd(String line, int at) {
        int last = at;
        int periods = 1;
        while (last + 2 < line.length()
                && PythonText.isSpace(line.charAt(last + 1))
                && line.charAt(last + 2) == '.') {
            last += 2;
            periods++;
        }
        return periods > 2 ? last + 1 : at;
    }
}
