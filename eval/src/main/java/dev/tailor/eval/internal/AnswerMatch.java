package dev.tailor.eval.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Compares an answer with a reference.
public final class AnswerMatch {
    private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");
    private static final Pattern ARTICLES = Pattern.compile("\\b(a|an|the)\\b");
    private static final Pattern WHITE_SPACE =
            Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern NOT_A_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");

    private AnswerMatch() {}

    /// SQuAD's normalisation (Rajpurkar et al. 2016, evaluate-v1.1): lower case, no ASCII
    /// punctuation, no English articles, single spaces.
    public static String normalise(String text) {
        String bare = PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
        return WHITE_SPACE.matcher(ARTICLES.matcher(bare).replaceAll(" ")).replaceAll(" ").strip();
    }

    /// 1 if the two are equal once normalised, else 0.
    public static double exactMatch(String answer, String reference) {
        return normalise(answer).equals(normalise(reference)) ? 1 : 0;
    }

    /// F1 of the normalised answer's tokens against the reference's, as bags (SQuAD). Two empty
    /// texts agree.
    public static double tokenF1(String answer, String reference) {
        List<String> predicted = words(normalise(answer));
        List<String> expected = words(normalise(reference));
        if (predicted.isEmpty() || expected.isEmpty()) {
            return predicted.isEmpty() && expected.isEmpty() ? 1 : 0;
        }
        Map<String, Integer> left = new HashMap<>();
        expected.forEach(word -> left.merge(word, 1, Integer::sum));
        int common = 0;
        for (String word : predicted) {
            if (left.merge(word, -1, Integer::sum) >= 0) {
                common++;
            }
        }
        return f1(common, predicted.size(), expected.size());
    }

    /// ROUGE-L F (Lin 2004): F1 by the longest common subsequence of lower-case words. For ASCII
    /// text the words are those of Google's `rouge_score` without stemming; letters of other
    /// scripts count as letters.
    public static double rougeL(String answer, String reference) {
        List<String> predicted = rougeWords(answer);
        List<String> expected = rougeWords(reference);
        if (predicted.isEmpty() || expected.isEmpty()) {
            return predicted.isEmpty() && expected.isEmpty() ? 1 : 0;
        }
        return f1(longestCommonSubsequence(predicted, expected), predicted.size(), expected.size());
    }

    private static double f1(int common, int predicted, int expected) {
        if (common == 0) {
            return 0;
        }
        double precision = (double) common / predicted;
        double recall = (double) common / expected;
        return 2 * precision * recall / (precision + recall);
    }

    private static List<String> rougeWords(String text) {
        return words(NOT_A_WORD.matcher(text.toLowerCase(Locale.ROOT)).replaceAll(" ").strip());
    }

    private static List<String> words(String spaced) {
        return spaced.isEmpty() ? new ArrayList<>() : List.of(spaced.split(" "));
    }

    private static int longestCommonSubsequence(List<String> a, List<String> b) {
        int[] previous = new int[b.size() + 1];
        for (String word : a) {
            int[] current = new int[b.size() + 1];
            for (int j = 1; j <= b.size(); j++) {
                current[j] =
                        word.equals(b.get(j - 1))
                                ? previous[j - 1] + 1
                                : Math.max(previous[j], current[j - 1]);
            }
            previous = current;
        }
        return previous[b.size()];
    }
}
