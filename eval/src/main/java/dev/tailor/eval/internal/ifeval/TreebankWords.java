package dev.tailor.eval.internal.ifeval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

    /// A rule.
    ///
    /// @param trigger the rule changes nothing in a text that holds none of these
    private record Rule(List<String> trigger, Pattern pattern, String replacement) {
        /// A rule about a text with one of these characters.
        static Rule of(String characters, String pattern, String replacement) {
            return new Rule(List.of(characters.split("")), Pattern.compile(pattern), replacement);
        }

        /// Sets two parts of a word apart.
        static Rule contraction(String first, String second, String before, String after) {
            return new Rule(
                    List.of(first + second),
                    Pattern.compile(before + "(" + first + ")(" + second + ")" + after, ANY_CASE),
                    " $1 $2 ");
        }

        String apply(String text, String searched) {
            return trigger.stream().anyMatch(searched::contains)
                    ? pattern.matcher(text).replaceAll(replacement)
                    : text;
        }
    }

    private static final List<Rule> OPENING_QUOTES =
            List.of(
                    Rule.of("«“‘„`", "([«“‘„]|`++)", " $1 "),
                    Rule.of("\"", "\\A\"", "``"),
                    Rule.of("`", "``", " `` "),
                    Rule.of("\"'", "([ (\\[{<])(?:\"|'')", "$1 `` "),
                    new Rule(
                            List.of("'"),
                            Pattern.compile(
                                    "'(?<![W]')(?!(?:re|ve|ll|m|t|s|d|n)(?![W]))(?=[W])"
                                            .replace("W", PythonText.WORD),
                                    ANY_CASE),
                            "' "));

    private static final List<Rule> COLONS_AND_COMMAS =
            List.of(
                    Rule.of(":,", "([:,])(\\P{Nd})", " $1 $2"),
                    Rule.of(":,", "([:,])(?=\\n?\\z)", " $1 "));

    private static final List<Rule> APOSTROPHES = List.of(Rule.of("'", "([^'])' ", "$1 ' "));

    private static final List<Rule> CLOSING_QUOTES =
            List.of(
                    Rule.of("»”’", "[»”’]", " $0 "),
                    Rule.of("'", "''", " '' "),
                    Rule.of("\"", "\"", " '' "));

    private static final List<Rule> CLITICS =
            List.of(
                    Rule.of("'", "([^' ])('[sSmMdD]|') ", "$1 $2 "),
                    Rule.of("'", "([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", "$1 $2 "));

    private static final String EDGE = PythonText.WORD_BOUNDARY;

    private static final List<Rule> CONTRACTIONS =
            List.of(
                    Rule.contraction("can", "not", EDGE, EDGE),
                    Rule.contraction("d", "'ye", EDGE, EDGE),
                    Rule.contraction("gim", "me", EDGE, EDGE),
                    Rule.contraction("gon", "na", EDGE, EDGE),
                    Rule.contraction("got", "ta", EDGE, EDGE),
                    Rule.contraction("lem", "me", EDGE, EDGE),
                    Rule.contraction("more", "'n", EDGE, EDGE),
                    Rule.contraction("wan", "na", EDGE, "(?=[" + PythonText.SPACE + "])"),
                    Rule.contraction("'t", "is", " ", EDGE),
                    Rule.contraction("'t", "was", " ", EDGE));

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
        text = applyAll(COLONS_AND_COMMAS, finalPeriodApart(text));
        text = applyAll(APOSTROPHES, marksApart(text));
        text = singleSpaces(applyAll(CLOSING_QUOTES, " " + text + " "));
        text = applyAll(CLITICS, text);
        String lower = text.toLowerCase(Locale.ROOT);
        for (Rule rule : CONTRACTIONS) {
            text = rule.apply(text, lower);
        }
        int at = PythonText.skipSpace(text, 0);
        while (at < text.length()) {
            int end = PythonText.skipNonSpace(text, at);
            words.add(text.substring(at, end));
            at = PythonText.skipSpace(text, end);
        }
    }

    /// Sets marks that never belong to a word apart: ellipses, double dashes, brackets and others.
    private static String marksApart(String text) {
        StringBuilder apart = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); ) {
            int end = markEnd(text, i);
            if (end > i) {
                apart.append(' ').append(text, i, end).append(' ');
                i = end;
            } else {
                apart.append(text.charAt(i++));
            }
        }
        return apart.toString();
    }

    private static int markEnd(String text, int at) {
        return switch (text.charAt(at)) {
            case '.' -> {
                int end = at;
                while (end < text.length() && text.charAt(end) == '.') {
                    end++;
                }
                yield end - at > 1 ? end : at;
            }
            case '-' -> text.startsWith("--", at) ? at + 2 : at;
            case ';', '@', '#', '$', '%', '&', '‒', '–', '—', '―', '?', '!', '*' -> at + 1;
            case '[', ']', '(', ')', '{', '}', '<', '>' -> at + 1;
            default -> at;
        };
    }

    private static String singleSpaces(String text) {
        StringBuilder single = new StringBuilder(text.length());
        boolean space = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isSpace = PythonText.isSpace(c);
            if (!isSpace) {
                single.append(c);
            } else if (!space) {
                single.append(' ');
            }
            space = isSpace;
        }
        return single.toString();
    }

    private static String applyAll(List<Rule> rules, String text) {
        String result = text;
        for (Rule rule : rules) {
            result = rule.apply(result, result);
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
