package dev.tailor.eval.internal.harness;

/// Where Java spells a regular expression otherwise than Python: named groups, `\Z`, brackets
/// within character classes, braces that are no repetition, and `{,n}`.
final class RegexSpelling {
    private final String source;
    private final StringBuilder out = new StringBuilder();
    private int at;

    private RegexSpelling(String source) {
        this.source = source;
    }

    static String java(String python) {
        RegexSpelling spelling = new RegexSpelling(python);
        while (spelling.at < python.length()) {
            spelling.next();
        }
        return spelling.out.toString();
    }

    private void next() {
        char c = source.charAt(at);
        if (c == '\\' && at + 1 < source.length()) {
            escape(false);
        } else if (c == '[') {
            characterClass();
        } else if (source.startsWith("(?P<", at)) {
            out.append("(?<");
            at += 4;
        } else if (source.startsWith("(?P=", at)) {
            int end = source.indexOf(')', at);
            end = end < 0 ? source.length() : end;
            out.append("\\k<").append(source, at + 4, end).append('>');
            at = Math.min(end + 1, source.length());
        } else if (c == '{') {
            brace();
        } else {
            out.append(c == '}' ? "\\}" : String.valueOf(c));
            at++;
        }
    }

    private void escape(boolean inClass) {
        char c = source.charAt(at + 1);
        out.append('\\').append(c == 'Z' && !inClass ? 'z' : c);
        at += 2;
    }

    private void characterClass() {
        out.append('[');
        at++;
        if (at < source.length() && source.charAt(at) == '^') {
            out.append('^');
            at++;
        }
        if (at < source.length() && source.charAt(at) == ']') {
            out.append("\\]");
            at++;
        }
        while (at < source.length() && source.charAt(at) != ']') {
            char c = source.charAt(at);
            if (c == '\\' && at + 1 < source.length()) {
                escape(true);
            } else {
                out.append(c == '[' || c == '&' ? "\\" + c : String.valueOf(c));
                at++;
            }
        }
        if (at < source.length()) {
            out.append(']');
            at++;
        }
    }

    private void brace() {
        int end = source.indexOf('}', at);
        String inside = end < 0 ? "" : source.substring(at + 1, end);
        if (inside.matches("[0-9]+(,[0-9]*)?|,[0-9]+")) {
            out.append('{').append(inside.startsWith(",") ? "0" : "").append(inside).append('}');
            at = end + 1;
        } else {
            out.append("\\{");
            at++;
        }
    }
}
