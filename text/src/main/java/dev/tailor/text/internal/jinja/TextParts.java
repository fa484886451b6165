package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Budget;
import dev.tailor.text.internal.jinja.value.PythonCharacters;
import dev.tailor.text.internal.jinja.value.Refusal;
import dev.tailor.text.internal.jinja.value.Sequence;
import dev.tailor.text.internal.jinja.value.Text;
import dev.tailor.text.internal.jinja.value.TextBuilder;
import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;

/// Cuts texts as Python does; the parts keep their marks.
final class TextParts {
    private TextParts() {}

    /// Strips the given characters, or white space where none are given.
    static Text strip(Text text, @Nullable Text chars, boolean left, boolean right) {
        IntPredicate strips =
                chars == null ? PythonCharacters::isSpace : c -> chars.chars().indexOf(c) >= 0;
        String source = text.chars();
        int from = 0;
        int to = source.length();
        while (left && from < to && strips.test(source.codePointAt(from))) {
            from += Character.charCount(source.codePointAt(from));
        }
        while (right && to > from && strips.test(source.codePointBefore(to))) {
            to -= Character.charCount(source.codePointBefore(to));
        }
        return text.slice(from, to);
    }

    static Value split(
            Text text, @Nullable Text separator, int most, boolean fromRight, Budget budget) {
        int limit = most < 0 ? Integer.MAX_VALUE : most;
        List<Value> parts = new ArrayList<>();
        if (separator == null && fromRight) {
            wordsFromRight(text, limit, parts, budget);
        } else if (separator == null) {
            words(text, limit, parts, budget);
        } else if (fromRight) {
            splitFromRight(text, separator.chars(), limit, parts, budget);
        } else {
            int from = 0;
            int at = text.chars().indexOf(separator.chars());
            while (at >= 0 && parts.size() < limit) {
                budget.step();
                parts.add(text.slice(from, at));
                from = at + separator.length();
                at = text.chars().indexOf(separator.chars(), from);
            }
            parts.add(text.slice(from, text.length()));
        }
        return new Sequence.ListValue(parts);
    }

    private static void splitFromRight(
            Text text, String separator, int limit, List<Value> parts, Budget budget) {
        int to = text.length();
        int at = text.chars().lastIndexOf(separator);
        while (at >= 0 && parts.size() < limit) {
            budget.step();
            parts.add(text.slice(at + separator.length(), to));
            to = at;
            at = text.chars().lastIndexOf(separator, to - separator.length());
        }
        parts.add(text.slice(0, to));
        Collections.reverse(parts);
    }

    private static void words(Text text, int limit, List<Value> parts, Budget budget) {
        String source = text.chars();
        int at = afterSpace(source, 0);
        while (at < source.length()) {
            budget.step();
            int end = at;
            if (parts.size() == limit) {
                end = text.length();
            }
            while (end < source.length()
                    && parts.size() < limit
                    && !PythonCharacters.isSpace(source.charAt(end))) {
                end++;
            }
            parts.add(text.slice(at, end));
            at = afterSpace(source, end);
        }
    }

    private static int afterSpace(String source, int from) {
        int at = from;
        while (at < source.length() && PythonCharacters.isSpace(source.charAt(at))) {
            at++;
        }
        return at;
    }

    private static void wordsFromRight(Text text, int limit, List<Value> parts, Budget budget) {
        String source = text.chars();
        int end = strip(text, null, false, true).length();
        while (end > 0) {
            budget.step();
            int from = end;
            if (parts.size() == limit) {
                from = 0;
            } else {
                while (from > 0 && !PythonCharacters.isSpace(source.charAt(from - 1))) {
                    from--;
                }
            }
            parts.add(text.slice(from, end));
            end = parts.size() > limit ? 0 : strip(text.slice(0, from), null, false, true).length();
        }
        Collections.reverse(parts);
    }

    static Value lines(Text text, boolean keepEnds, Budget budget) {
        String source = text.chars();
        List<Value> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < source.length(); i++) {
            if (PythonCharacters.isLineBreak(source.charAt(i))) {
                budget.step();
                boolean pair = source.startsWith("\r\n", i);
                int next = i + (pair ? 2 : 1);
                lines.add(text.slice(from, keepEnds ? next : i));
                from = next;
                i = next - 1;
            }
        }
        if (from < source.length()) {
            lines.add(text.slice(from, source.length()));
        }
        return new Sequence.ListValue(lines);
    }

    static Value partition(Text text, Text separator, boolean fromRight) {
        if (separator.length() == 0) {
            throw Refusal.of("empty separator");
        }
        int at =
                fromRight
                        ? text.chars().lastIndexOf(separator.chars())
                        : text.chars().indexOf(separator.chars());
        if (at < 0) {
            return fromRight
                    ? Sequence.Tuple.of(Text.EMPTY, Text.EMPTY, text)
                    : Sequence.Tuple.of(text, Text.EMPTY, Text.EMPTY);
        }
        int end = at + separator.length();
        return Sequence.Tuple.of(
                text.slice(0, at), text.slice(at, end), text.slice(end, text.length()));
    }

    /// Replaces the first `most` occurrences, or all where that is negative.
    static Text replace(Text text, Text old, Text with, int most, Budget budget) {
        int limit = most < 0 ? Integer.MAX_VALUE : most;
        if (limit == 0 || (old.length() > 0 && !text.chars().contains(old.chars()))) {
            return text;
        }
        TextBuilder out = new TextBuilder(budget);
        int from = 0;
        int done = 0;
        int at = 0;
        while (at >= 0 && done < limit) {
            at = text.chars().indexOf(old.chars(), at);
            if (at < 0) {
                break;
            }
            budget.step();
            out.append(text.slice(from, at)).append(with);
            from = at + old.length();
            done++;
            if (old.length() > 0) {
                at = from;
            } else if (at < text.length()) {
                at += Character.charCount(text.chars().codePointAt(at));
            } else {
                break;
            }
        }
        return out.append(text.slice(from, text.length())).text();
    }

    static int count(Text text, Text wanted) {
        if (wanted.length() == 0) {
            return text.codePoints() + 1;
        }
        int count = 0;
        int at = text.chars().indexOf(wanted.chars());
        while (at >= 0) {
            count++;
            at = text.chars().indexOf(wanted.chars(), at + wanted.length());
        }
        return count;
    }

    static Text expandTabs(Text text, int size, Budget budget) {
        TextBuilder out = new TextBuilder(budget);
        int column = 0;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.chars().charAt(i);
            if (c == '\t') {
                int blanks = size > 0 ? size - column % size : 0;
                out.append(text.slice(from, i)).repeat(Text.of(" "), blanks);
                from = i + 1;
                column += blanks;
            } else {
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
        }
        return out.append(text.slice(from, text.length())).text();
    }
}
