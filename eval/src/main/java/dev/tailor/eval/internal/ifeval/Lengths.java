package dev.tailor.eval.internal.ifeval;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Instructions about the number of sentences, words and paragraphs.
final class Lengths {
    private static final Pattern DIVIDER =
            Pattern.compile("[S]?\\*\\*\\*[S]?".replace("S", PythonText.SPACE));
    private static final String END_OF_FIRST_WORD = ".,?!'\"";

    private Lengths() {}

    static Predicate<String> sentences(Arguments arguments) {
        int bound = arguments.count("num_sentences");
        Relation relation = arguments.relation("relation");
        return response ->
                relation.holds(SentenceSplitter.english().sentences(response).size(), bound);
    }

    static Predicate<String> words(Arguments arguments) {
        int bound = arguments.count("num_words");
        Relation relation = arguments.relation("relation");
        return response -> relation.holds(words(response), bound);
    }

    /// Runs of `\w`, as NLTK 3.10 reads it (through the `regex` package): letters with their marks.
    private static int words(String text) {
        int count = 0;
        boolean inside = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean word = PythonText.isLetterOrMark(c);
            count += word && !inside ? 1 : 0;
            inside = word;
            i += Character.charCount(c);
        }
        return count;
    }

    /// Paragraphs between dividers of three asterisks. Those at the two ends may be empty and do
    /// not count then; an empty one between dividers is none.
    static Predicate<String> paragraphs(Arguments arguments) {
        int bound = arguments.count("num_paragraphs");
        return response -> {
            List<String> paragraphs = List.of(DIVIDER.split(response, -1));
            int count = paragraphs.size();
            for (int i = 0; i < paragraphs.size(); i++) {
                if (PythonText.isBlank(paragraphs.get(i))) {
                    if (i > 0 && i < paragraphs.size() - 1) {
                        return false;
                    }
                    count--;
                }
            }
            return count == bound;
        };
    }

    /// Paragraphs between empty lines: their number, and the first word of one. Blank ones do not
    /// count, yet stand in the count up to the one that is asked for.
    static Predicate<String> firstWord(Arguments arguments) {
        int bound = arguments.count("num_paragraphs");
        int which = arguments.count("nth_paragraph");
        String expected = arguments.text("first_word").toLowerCase(Locale.ROOT);
        return response -> {
            String[] paragraphs = response.split("\n\n", -1);
            long count = Arrays.stream(paragraphs).filter(p -> !PythonText.isBlank(p)).count();
            return count == bound
                    && which >= 1
                    && which <= count
                    && firstWord(paragraphs[which - 1]).equals(expected);
        };
    }

    /// The first word in lower case, without leading quotes, up to the first punctuation mark.
    private static String firstWord(String paragraph) {
        int from = PythonText.skipSpace(paragraph, 0);
        String word = paragraph.substring(from, PythonText.skipNonSpace(paragraph, from));
        word = PythonText.stripLeading(PythonText.stripLeading(word, '\''), '"');
        int end = 0;
        while (end < word.length() && END_OF_FIRST_WORD.indexOf(word.charAt(end)) < 0) {
            end++;
        }
        return word.substring(0, end).toLowerCase(Locale.ROOT);
    }
}
