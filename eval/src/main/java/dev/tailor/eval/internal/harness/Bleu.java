package dev.tailor.eval.internal.harness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// BLEU (Papineni et al. 2002) over the tokens of NIST's mteval-v13a; where an order has no match,
/// its precision is halved for each such order (the `exp` smoothing of mteval).
final class Bleu {
    private static final int ORDERS = 4;

    /// Lengths of answer and reference, then matches and n-grams of each order.
    private static final int NUMBERS = 2 + 2 * ORDERS;

    /// ASCII punctuation but for apostrophe, comma, hyphen and full stop.
    private static final Pattern PUNCTUATION = Pattern.compile("([ -&(-+/:-@\\[-`{-~])");

    private static final Pattern POINT_AFTER_OTHER = Pattern.compile("([^0-9])([.,])");
    private static final Pattern POINT_BEFORE_OTHER = Pattern.compile("([.,])([^0-9])");
    private static final Pattern HYPHEN_AFTER_DIGIT = Pattern.compile("([0-9])(-)");
    private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    private Bleu() {}

    static double[] statistics(String answer, List<String> references) {
        List<String> tokens = tokens(answer);
        Map<List<String>, Integer> most = new HashMap<>();
        int closest = -1;
        for (String reference : references) {
            List<String> own = tokens(reference);
            ngrams(own).forEach((ngram, count) -> most.merge(ngram, count, Math::max));
            closest = closer(tokens.size(), own.size(), closest);
        }
        double[] numbers = new double[NUMBERS];
        numbers[0] = tokens.size();
        numbers[1] = closest;
        ngrams(tokens)
                .forEach((ngram, count) -> {
                    int order = ngram.size() - 1;
                    numbers[2 + order] += Math.min(count, most.getOrDefault(ngram, 0));
                    numbers[2 + ORDERS + order] += count;
                });
        return numbers;
    }

    /// The reference's length that is nearest; of two, the shorter.
    private static int closer(int length, int candidate, int best) {
        if (best < 0) {
            return candidate;
        }
        int gain = Math.abs(best - length) - Math.abs(candidate - length);
        return gain > 0 || gain == 0 && candidate < best ? candidate : best;
    }

    private static Map<List<String>, Integer> ngrams(List<String> tokens) {
        Map<List<String>, Integer> counts = new HashMap<>();
        for (int order = 1; order <= ORDERS; order++) {
            for (int i = 0; i + order <= tokens.size(); i++) {
                counts.merge(tokens.subList(i, i + order), 1, Integer::sum);
            }
        }
        return counts;
    }

    static double score(double[] sums) {
        double matches = Arrays.stream(sums, 2, 2 + ORDERS).sum();
        if (matches == 0) {
            return 0;
        }
        double logarithms = 0;
        double smoothing = 1;
        for (int order = 0; order < ORDERS; order++) {
            double matched = sums[2 + order];
            double total = sums[2 + ORDERS + order];
            if (total == 0) {
                return 0;
            }
            if (matched == 0) {
                smoothing *= 2;
            }
            logarithms += Math.log(matched == 0 ? 1 / (smoothing * total) : matched / total);
        }
        double brevity = sums[0] < sums[1] ? Math.exp(1 - sums[1] / sums[0]) : 1;
        return 100 * brevity * Math.exp(logarithms / ORDERS);
    }

    private static List<String> tokens(String text) {
        String line =
                trailingSpaceless(text)
                        .replace("<skipped>", "")
                        .replace("-\n", "")
                        .replace("\n", " ")
                        .replace("&quot;", "\"")
                        .replace("&amp;", "&")
                        .replace("&lt;", "<")
                        .replace("&gt;", ">");
        line = PUNCTUATION.matcher(" " + line + " ").replaceAll(" $1 ");
        line = POINT_AFTER_OTHER.matcher(line).replaceAll("$1 $2 ");
        line = POINT_BEFORE_OTHER.matcher(line).replaceAll(" $1 $2");
        line = HYPHEN_AFTER_DIGIT.matcher(line).replaceAll("$1 $2 ");
        return words(line);
    }

    private static String trailingSpaceless(String text) {
        String marked = Answers.stripped("x" + text);
        return marked.substring(1);
    }

    /// What stands between white space.
    static List<String> words(String text) {
        List<String> words = new ArrayList<>(Arrays.asList(SPACE.split(text)));
        words.removeIf(String::isEmpty);
        return List.copyOf(words);
    }
}
