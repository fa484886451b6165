package dev.tailor.serve.internal.engine;

import dev.tailor.torch.TokenProbabilities;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// A token, its log-probability before anything but the model had a say, and the likeliest tokens
/// in its place, the likeliest first.
public record TokenScore(int token, float logProb, List<Likely> likeliest) {
    /// One of the likeliest tokens.
    public record Likely(int token, float logProb) {}

    /// The score of a token by the logits before it, which are not changed.
    static TokenScore of(float[] logits, int token, int count) {
        float[] probabilities = new float[logits.length];
        float logSum = TokenProbabilities.of(logits, logits.length, 1, probabilities);
        List<Likely> likeliest = new ArrayList<>();
        for (int id : largest(logits, count)) {
            likeliest.add(new Likely(id, logits[id] - logSum));
        }
        return new TokenScore(token, logits[token] - logSum, List.copyOf(likeliest));
    }

    /// The indices of the largest values, the largest first; of equal ones the first.
    private static List<Integer> largest(float[] values, int count) {
        Comparator<Integer> order =
                Comparator.comparingDouble((Integer i) -> values[i])
                        .thenComparing(Comparator.reverseOrder());
        PriorityQueue<Integer> kept = new PriorityQueue<>(count + 1, order);
        for (int i = 0; i < values.length && count > 0; i++) {
            if (kept.size() < count || values[i] > values[kept.element()]) {
                kept.add(i);
                if (kept.size() > count) {
                    kept.remove();
                }
            }
        }
        List<Integer> sorted = new ArrayList<>(kept);
        sorted.sort(order.reversed());
        return sorted;
    }
}
