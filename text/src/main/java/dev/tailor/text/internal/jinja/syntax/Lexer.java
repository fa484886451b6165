package dev.tailor.text.internal.jinja.syntax;

import dev.tailor.core.TailorException;
import dev.tailor.text.internal.jinja.syntax.Token.Kind;
import dev.tailor.text.internal.jinja.value.PythonCharacters;
import dev.tailor.text.internal.jinja.value.Refusal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Cuts a template into tokens, as Jinja does. In [Layout#CHAT] with `trim_blocks` and
/// `lstrip_blocks`: the line break after a block tag goes, and so do the blanks before one that
/// starts its line; `-` strips all white space on its side, `+` keeps it.
final class Lexer {
    private static final List<String> LONG_OPERATORS = List.of("//", "**", "==", "!=", ">=", "<=");
    private static final String SHORT_OPERATORS = "+-/*%~[](){}><=.:|,;";

    private final String source;
    private final boolean trims;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int lineAt;

    /// Whether the text before the next tag starts a line.
    private boolean atLineStart = true;

    private Lexer(String source, Layout layout) {
        this.source = source;
        this.trims = layout == Layout.CHAT;
    }

    static List<Token> tokens(String source, Layout layout) {
        String normalised = source.replace("\r\n", "\n").replace('\r', '\n');
        if (layout == Layout.CHAT && normalised.endsWith("\n")) {
            normalised = normalised.substring(0, normalised.length() - 1);
        }
        Lexer lexer = new Lexer(normalised, layout);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < source.length()) {
            int open = nextTag();
            if (open < 0) {
                data(source.substring(at), at);
                at = source.length();
                break;
            }
            tag(open);
        }
        add(Kind.END, "", at);
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
            if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void tag(int open) {
        char kind = source.charAt(open + 1);
        int inside = open + 2;
        char sign = peek(inside, '-') || peek(inside, '+') ? source.charAt(inside++) : 0;
        data(stripped(source.substring(at, open), sign, kind != '{'), at);
        at = inside;
        switch (kind) {
            case '#' -> comment(open);
            case '{' -> {
                add(Kind.VARIABLE_BEGIN, "{{", open);
                inside(Kind.VARIABLE_END, "}}");
            }
            default -> {
                int raw = rawBegin(inside);
                if (raw >= 0) {
                    at = raw;
                    raw(open);
                } else {
                    add(Kind.BLOCK_BEGIN, "{%", open);
                    inside(Kind.BLOCK_END, "%}");
                }
            }
        }
    }

    private String stripped(String text, char sign, boolean isBlock) {
        if (sign == '-') {
            return text.substring(0, endWithoutSpace(text));
        }
        if (sign == '+' || !isBlock || !trims) {
            return text;
        }
        int lineStart = text.lastIndexOf('\n') + 1;
        boolean blank = endWithoutSpace(text) <= lineStart;
        return blank && (lineStart > 0 || atLineStart) ? text.substring(0, lineStart) : text;
    }

    private static int endWithoutSpace(String text) {
        int end = text.length();
        while (end > 0 && PythonCharacters.isSpace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private void comment(int open) {
        int close = source.indexOf("#}", at);
        if (close < 0) {
            throw failure("Missing end of comment tag", open);
        }
        char sign = close > at ? source.charAt(close - 1) : 0;
        endTag(close + 2, sign == '-', sign != '+');
    }

    /// After a tag that ends at `end`: skips what its sign and `trim_blocks` take.
    private void endTag(int end, boolean stripsAll, boolean trimsNewline) {
        at = end;
        if (stripsAll) {
            skipSpace();
        } else if (trims && trimsNewline && peek(at, '\n')) {
            at++;
        }
        atLineStart = source.charAt(at - 1) == '\n';
    }

    private void skipSpace() {
        at = afterSpace(at);
    }

    private int afterSpace(int from) {
        int i = from;
        while (i < source.length() && PythonCharacters.isSpace(source.charAt(i))) {
            i++;
        }
        return i;
    }

    /// Where the text of a raw block begins if `{% raw %}` stands here, else -1.
    private int rawBegin(int from) {
        int name = afterSpace(from);
        if (!source.startsWith("raw", name)) {
            return -1;
        }
        int end = afterSpace(name + 3);
        if (source.startsWith("-%}", end)) {
            return afterSpace(end + 3);
        }
        return source.startsWith("%}", end) ? end + 2 : -1;
    }

    private void raw(int open) {
        int from = at;
        atLineStart = from > 0 && source.charAt(from - 1) == '\n';
        for (int i = source.indexOf("{%", at); i >= 0; i = source.indexOf("{%", i + 1)) {
            int inside = i + 2;
            char sign = peek(inside, '-') || peek(inside, '+') ? source.charAt(inside++) : 0;
            int name = afterSpace(inside);
            int end = afterSpace(name + 6);
            boolean signed = peek(end, '-') || peek(end, '+');
            if (source.startsWith("endraw", name)
                    && source.startsWith("%}", signed ? end + 1 : end)) {
                data(stripped(source.substring(from, i), sign, true), from);
                char last = signed ? source.charAt(end) : 0;
                endTag((signed ? end + 1 : end) + 2, last == '-', last != '+');
                return;
            }
        }
        throw failure("Missing end of raw directive", open);
    }

    /// The tokens up to the end of a tag.
    private void inside(Kind end, String close) {
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            skipSpace();
            if (at >= source.length()) {
                return;
            }
            if (open.isEmpty() && tagEnds(end, close)) {
                return;
            }
            int from = at;
            char c = source.charAt(at);
            if (ScanNumber.startsAt(source, at)) {
                at = ScanNumber.end(source, at);
                boolean real = ScanNumber.isReal(source, from);
                add(real ? Kind.FLOAT : Kind.INTEGER, source.substring(from, at), from);
            } else if (isWord(source.codePointAt(at))) {
                word();
            } else if (c == '"' || c == '\'') {
                string(c);
            } else {
                operator(open);
            }
        }
    }

    private boolean tagEnds(Kind end, String close) {
        boolean minus = peek(at, '-') && source.startsWith(close, at + 1);
        boolean plus = end == Kind.BLOCK_END && peek(at, '+') && source.startsWith(close, at + 1);
        if (!minus && !plus && !source.startsWith(close, at)) {
            return false;
        }
        add(end, close, at);
        endTag(at + (minus || plus ? 3 : 2), minus, end == Kind.BLOCK_END && !plus);
        return true;
    }

    private void word() {
        int from = at;
        while (at < source.length() && isWord(source.codePointAt(at))) {
            at += Character.charCount(source.codePointAt(at));
        }
        String name = source.substring(from, at);
        if (!Character.isUnicodeIdentifierStart(name.codePointAt(0)) && name.charAt(0) != '_') {
            throw failure("Invalid character in identifier", from);
        }
        add(Kind.NAME, name, from);
    }

    private static boolean isWord(int c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private void string(char quote) {
        int from = at++;
        while (at < source.length() && source.charAt(at) != quote) {
            at += source.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= source.length()) {
            throw failure("unexpected char " + quote, from);
        }
        String raw = source.substring(from + 1, at++);
        try {
            add(Kind.STRING, StringEscapes.decode(raw), from);
        } catch (TailorException e) {
            throw e.at(lineOf(from));
        }
    }

    private void operator(Deque<Character> open) {
        for (String operator : LONG_OPERATORS) {
            if (source.startsWith(operator, at)) {
                add(Kind.OPERATOR, operator, at);
                at += 2;
                return;
            }
        }
        char c = source.charAt(at);
        if (SHORT_OPERATORS.indexOf(c) < 0) {
            throw failure("unexpected char '" + c + "'", at);
        }
        switch (c) {
            case '{' -> open.push('}');
            case '(' -> open.push(')');
            case '[' -> open.push(']');
            case '}', ')', ']' -> {
                if (open.isEmpty()) {
                    throw failure("unexpected '" + c + "'", at);
                }
                char expected = open.pop();
                if (expected != c) {
                    throw failure("unexpected '" + c + "', expected '" + expected + "'", at);
                }
            }
            default -> {}
        }
        add(Kind.OPERATOR, String.valueOf(c), at++);
    }

    private boolean peek(int index, char c) {
        return index < source.length() && source.charAt(index) == c;
    }

    private void data(String text, int from) {
        if (!text.isEmpty()) {
            add(Kind.DATA, text, from);
        }
    }

    private void add(Kind kind, String text, int from) {
        tokens.add(new Token(kind, text, lineOf(from)));
    }

    private int lineOf(int offset) {
        while (lineAt < offset && lineAt < source.length()) {
            if (source.charAt(lineAt++) == '\n') {
                line++;
            }
        }
        return line;
    }

    private TailorException failure(String what, int offset) {
        return Refusal.of(what).at(lineOf(offset));
    }
}
