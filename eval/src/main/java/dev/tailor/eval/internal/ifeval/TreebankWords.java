package dev.tailor.eval.internal.ifeval;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Cuts a sentence into words by the conventions of the Penn Treebank (Robert MacIntyre's
/// `tokenizer.sed`, 1995), with the additions of NLTK 3.10 for typographic quotes and dashes: the
/// tokens that the reference counts upper-case words among. Each rule sets spaces; what stands
/// between spaces at the end is a word.
///
/// Every rule looks at a bounded neighbourhood, so the time is linear in the length of the text.
final class TreebankWords {
    private static final int ANY_CASE = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
    private static final String FINAL_MARKS = "])}>\"'»”’ ";

    private record Rule(Pattern pattern, String replacement) {
        static Rule of(String pattern, String replacement) {
            return new Rule(Pattern.compile(pattern), replacement);
        }

        /// Sets two parts of a word apart.
        static Rule contraction(String before, String first, String second, String after) {
            return new Rule(
                    Pattern.compile(before + "(" + first + ")(" + second + ")" + after, ANY_CASE),
                    " $1 $2 ");
        }

        String apply(String text) {
            return pattern.matcher(text).replaceAll(replacement);
        }
    }

    private static final List<Rule> OPENING_QUOTES =
            List.of(
                    Rule.of("([«“‘„]|`++)", " $1 "),
                    Rule.of("\\A\"", "``"),
                    Rule.of("``", " `` "),
                    Rule.of("([ (\\[{<])(?:\"|'')", "$1 `` "),
                    new Rule(
                            Pattern.compile(
                                    "(?<![W])'(?!(?:re|ve|ll|m|t|s|d|n)(?![W]))(?=[W])"
                                            .replace("W", PythonText.WORD),
                                    ANY_CASE),
                            "' "));

    private static final List<Rule> PUNCTUATION =
            List.of(
                    Rule.of("([:,])(\\P{Nd})", " $1 $2"),
                    Rule.of("([:,])(?=\\n?\\z)", " $1 "),
                    Rule.of("\\.\\.++", " $0 "),
                    Rule.of("[;@#$%&]", " $0 "),
                    Rule.of("[\\u2012-\\u2015]", " $0 "),
                    Rule.of("[?!]", " $0 "),
                    Rule.of("([^'])' ", "$1 ' "),
                    Rule.of("\\*", " * "),
                    Rule.of("[\\]\\[(){}<>]", " $0 "),
                    Rule.of("--", " -- "));

    private static final List<Rule> CLOSING_QUOTES =
            List.of(
                    Rule.of("[»”’]", " $0 "),
                    Rule.of("''", " '' "),
                    Rule.of("\"", " '' "),
                    Rule.of("[" + PythonText.SPACE + "]++", " "),
                    Rule.of("([^' ])('[sSmMdD]|') ", "$1 $2 "),
                    Rule.of("([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", "$1 $2 "));

    private static final String EDGE = PythonText.WORD_BOUNDARY;

    private static final List<Rule> CONTRACTIONS =
            List.of(
                    Rule.contraction(EDGE, "can", "not", EDGE),
                    Rule.contraction(EDGE, "d", "'ye", EDGE),
                    Rule.contraction(EDGE, "gim", "me", EDGE),
                    Rule.contraction(EDGE, "gon", "na", EDGE),
                    Rule.contraction(EDGE, "got", "ta", EDGE),
                    Rule.contraction(EDGE, "lem", "me", EDGE),
                    Rule.contraction(EDGE, "more", "'n", EDGE),
                    Rule.contraction(EDGE, "wan", "na", "(?=[" + PythonText.SPACE + "])"),
                    Rule.contraction(" ", "'t", "is", EDGE),
                    Rule.contraction(" ", "'t", "was", EDGE));

    private TreebankWords() {}

    /// The words of a text: those of each of its sentences.
    static List<String> of(String text) {
        List<String> words = new ArrayList<>();
        for (String sentence : SentenceSplitter.english().sentences(text)) {
            addSentence(sentence, words);
        }
        return words;
    }

    private static void addSentence(String sentence, List<String> words) {
        String text = applyAll(OPENING_QUOTES, sentence);
        text = applyAll(PUNCTUATION, finalPeriodApart(text));
        text = applyAll(CLOSING_QUOTES, " " + text + " ");
        text = applyAll(CONTRACTIONS, text);
        int at = PythonText.skipSpace(text, 0);
        while (at < text.length()) {
            int end = PythonText.skipNonSpace(text, at);
            words.add(text.substring(at, end));
            at = PythonText.skipSpace(text, end);
        }
    }

    private static String applyAll(List<Rule> rules, String text) {
        String result = text;
        for (Rule rule : rules) {
            result = rule.apply(result);
        }
        return result;
    }

    /// Sets the single period that ends a sentence apart, with the closing marks behind it.
    private static String finalPeriodApart(String text) {
        int at = text.length() - 1;
        while (at >= 0 && isFinalMark(text.charAt(at))) {
            at--;
        }
        if (at < 1 || text.charAt(at) != '.' || text.charAt(at - 1) == '.') {
            return text;
        }
        int marksEnd = at + 1;
        while (marksEnd < text.length() && FINAL_MARKS.indexOf(text.charAt(marksEnd)) >= 0) {
            marksEnd++;
        }
        return PythonText.skipSpace(text, marksEnd) < text.length()
                ? text
                : text.substring(0, at) + " . " + text.substring(at + 1, marksEnd) + " ";
    }

    private static boolean isFinalMark(char c) {
        return FINAL_MARKS.indexOf(c) >= 0 || PythonText.isSpace(c);
    }
}
