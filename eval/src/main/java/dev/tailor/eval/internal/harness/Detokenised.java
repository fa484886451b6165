package dev.tailor.eval.internal.harness;

import java.util.regex.Pattern;

/// Texts whose words were cut apart, put together again.
final class Detokenised {
    private static final String[][] JOINED = {
        {" @-@ ", "-"},
        {" @,@ ", ","},
        {" @.@ ", "."},
        {" : ", ": "},
        {" ; ", "; "},
        {" . ", ". "},
        {" ! ", "! "},
        {" ? ", "? "},
        {" , ", ", "}
    };
    private static final String[][] REST = {
        {"= = = =", "===="}, {"= = =", "==="}, {"= =", "=="}, {" \u00b0 ", "\u00b0"},
        {" \n", "\n"}, {"\n ", "\n"}, {" N ", " 1 "}, {" 's", "'s"}
    };

    private Detokenised() {}

    /// WikiText as the reference's perplexity takes it.
    static String wikitext(String page) {
        String text = page.replace("s '", "s'");
        text = text.replaceAll("/' [0-9]/", "/'[0-9]/");
        for (String[] pair : JOINED) {
            text = text.replace(pair[0], pair[1]);
        }
        text = tight(text, '(', ')');
        text = tight(text, '[', ']');
        text = tight(text, '{', '}');
        text = tight(text, '"', '"');
        text = tight(text, '\'', '\'');
        for (String[] pair : REST) {
            text = text.replace(pair[0], pair[1]);
        }
        return text;
    }

    /// Takes the white space away on the inner sides of a pair of marks.
    private static String tight(String text, char open, char close) {
        Pattern pair =
                Pattern.compile(
                        Pattern.quote(String.valueOf(open))
                                + "([^"
                                + Pattern.quote(String.valueOf(close))
                                + "]*)"
                                + Pattern.quote(String.valueOf(close)));
        return pair.matcher(text)
                .replaceAll(match ->
                        java.util.regex.Matcher.quoteReplacement(
                                open + stripped(match.group(1)) + close));
    }

    private static String stripped(String inside) {
        int from = 0;
        int to = inside.length();
        while (from < to && isSpace(inside.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(inside.charAt(to - 1))) {
            to--;
        }
        return inside.substring(from, to);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
