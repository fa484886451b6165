package dev.tailor.eval.internal.harness;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// chrF (Popović 2015): F-score of n-grams of characters without white space, recall counting twice
/// as much as precision, averaged over the orders that both sides have. Of several references the
/// one with the best score counts.
final class Chrf {
    private static final int ORDERS = 6;
    private static final double BETA_SQUARED = 4;

    private Chrf() {}

    /// Of each order the n-grams of the answer, of the reference and of both.
    static double[] statistics(String answer, List<String> references) {
        List<Map<String, Integer>> own = ngrams(answer);
        double[] best = new double[0];
        double most = -1;
        for (String reference : references) {
            double[] numbers = beside(own, ngrams(reference));
            double score = score(numbers);
            if (score > most) {
                most = score;
                best = numbers;
            }
        }
        return best;
    }

    private static double[] beside(
            List<Map<String, Integer>> answer, List<Map<String, Integer>> reference) {
        double[] numbers = new double[3 * ORDERS];
        for (int order = 0; order < ORDERS; order++) {
            int at = 3 * order;
            for (int count : reference.get(order).values()) {
                numbers[at + 1] += count;
            }
            for (Map.Entry<String, Integer> ngram : answer.get(order).entrySet()) {
                numbers[at] += numbers[at + 1] == 0 ? 0 : ngram.getValue();
                numbers[at + 2] +=
                        Math.min(
                                ngram.getValue(),
                                reference.get(order).getOrDefault(ngram.getKey(), 0));
            }
        }
        return numbers;
    }

    private static List<Map<String, Integer>> ngrams(String text) {
        int[] characters = String.join("", Bleu.words(text)).codePoints().toArray();
        List<Map<String, Integer>> orders = new ArrayList<>();
        for (int order = 1; order <= ORDERS; order++) {
            Map<String, Integer> counts = new HashMap<>();
            for (int i = 0; i + order <= characters.length; i++) {
                counts.merge(new String(characters, i, order), 1, Integer::sum);
            }
            orders.add(counts);
        }
        return orders;
    }

    static double score(double[] sums) {
        double precision = 0;
        double recall = 0;
        int orders = 0;
        for (int at = 0; at < sums.length; at += 3) {
            if (sums[at] > 0 && sums[at + 1] > 0) {
                precision += sums[at + 2] / sums[at];
                recall += sums[at + 2] / sums[at + 1];
                orders++;
            }
        }
        if (precision + recall == 0) {
            return 0;
        }
        precision /= orders;
        recall /= orders;
        return 100 * (1 + BETA_SQUARED) * precision * recall / (BETA_SQUARED * precision + recall);
    }
}
