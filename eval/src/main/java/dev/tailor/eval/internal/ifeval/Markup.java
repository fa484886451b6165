package dev.tailor.eval.internal.ifeval;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Counts marks of Markdown and the like. The reference uses regular expressions; these count what
/// those match, in time linear in the length of the text.
final class Markup {
    private static final Pattern SINGLE = Pattern.compile("\\*([^\\n*]*+)\\*");
    private static final Pattern DOUBLE = Pattern.compile("\\*\\*([^\\n*]*+)\\*\\*");

    private Markup() {}

    /// Matches of `\[.*?\]`: an opening bracket and the next closing one on the same line.
    static int placeholders(String text) {
        int count = 0;
        int open = text.indexOf('[');
        while (open >= 0) {
            int close = text.indexOf(']', open + 1);
            if (close < 0) {
                break;
            }
            int lineEnd = text.indexOf('\n', open + 1);
            if (lineEnd >= 0 && lineEnd < close) {
                open = text.indexOf('[', lineEnd + 1);
            } else {
                count++;
                open = text.indexOf('[', close + 1);
            }
        }
        return count;
    }

    /// Matches of `^\s*\*[^\*].*$`: lines that begin with one asterisk. Something must follow it;
    /// if that is a line break, the next line belongs to the bullet.
    static int asteriskBullets(String text) {
        return bullets(text, '*');
    }

    /// Matches of `^\s*-.*$`: lines that begin with a dash.
    static int dashBullets(String text) {
        return bullets(text, '-');
    }

    private static int bullets(String text, char mark) {
        int count = 0;
        int at = 0;
        while (at >= 0 && at < text.length()) {
            int first = PythonText.skipSpace(text, at);
            int end = bulletEnd(text, first, mark);
            if (end > first) {
                count++;
                at = text.charAt(end - 1) == '\n' ? end : afterLine(text, end);
            } else {
                at = afterLine(text, first);
            }
        }
        return count;
    }

    /// The end of the bullet whose mark would stand at `at`; `at` if there is none.
    private static int bulletEnd(String text, int at, char mark) {
        if (at >= text.length() || text.charAt(at) != mark) {
            return at;
        }
        int rest = at + 1;
        if (mark == '*') {
            if (rest == text.length() || text.charAt(rest) == '*') {
                return at;
            }
            rest += Character.charCount(text.codePointAt(rest));
        }
        int end = text.indexOf('\n', rest);
        return end < 0 ? text.length() : end;
    }

    /// The index after the line that `at` stands in; -1 if it is the last one.
    private static int afterLine(String text, int at) {
        int lineBreak = text.indexOf('\n', at);
        return lineBreak < 0 ? -1 : lineBreak + 1;
    }

    /// Matches of `\*[^\n\*]*\*` that hold text, and of `\*\*[^\n\*]*\*\*` that do.
    static int highlights(String text) {
        return nonBlank(SINGLE.matcher(text)) + nonBlank(DOUBLE.matcher(text));
    }

    private static int nonBlank(Matcher matcher) {
        int count = 0;
        while (matcher.find()) {
            count += PythonText.isBlank(matcher.group(1)) ? 0 : 1;
        }
        return count;
    }

    /// Whether a match of `<<[^\n]+>>` holds text between its angular brackets.
    static boolean hasTitle(String text) {
        int from = 0;
        while (from <= text.length()) {
            int lineBreak = text.indexOf('\n', from);
            int to = lineBreak < 0 ? text.length() : lineBreak;
            if (isTitleLine(text.substring(from, to))) {
                return true;
            }
            from = to + 1;
        }
        return false;
    }

    private static boolean isTitleLine(String line) {
        int open = line.indexOf("<<");
        int close = line.lastIndexOf(">>");
        if (open < 0 || close < open + 3) {
            return false;
        }
        int from = open;
        while (from < close + 2 && line.charAt(from) == '<') {
            from++;
        }
        int to = close + 2;
        while (to > from && line.charAt(to - 1) == '>') {
            to--;
        }
        return !PythonText.isBlank(line.substring(from, to));
    }
}
