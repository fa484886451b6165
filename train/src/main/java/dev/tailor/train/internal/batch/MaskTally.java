package dev.tailor.train.internal.batch;

import dev.tailor.train.MaskSummary;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Counts how many tokens are learnt, and with which weights.
final class MaskTally {
    private final boolean answersOnly;
    private final Map<Float, Long> weights = new TreeMap<>();
    private long predicted;
    private long learnt;
    private long wholeSamples;
    private long others;
    private double totalWeight;

    /// @param answersOnly whether a sample that is learnt as a whole is worth a word
    MaskTally(boolean answersOnly) {
        this.answersOnly = answersOnly;
    }

    void add(List<Sequence> sequences) {
        long before = predicted - learnt;
        for (Sequence sequence : sequences) {
            predicted += sequence.tokens().length - 1;
            for (int i = 1; i < sequence.tokens().length; i++) {
                if (sequence.isTrained(i)) {
                    count(sequence.weights()[i]);
                }
            }
        }
        wholeSamples += answersOnly && predicted - learnt == before ? 1 : 0;
    }

    private void count(float weight) {
        learnt++;
        totalWeight += weight;
        boolean counted = weights.size() < MaskSummary.MOST_WEIGHTS || weights.containsKey(weight);
        if (counted) {
            weights.merge(weight, 1L, Long::sum);
        } else {
            others++;
        }
    }

    MaskSummary summary() {
        Map<String, Long> named = new LinkedHashMap<>();
        weights.forEach((weight, count) -> named.put(shortest(weight), count));
        if (others > 0) {
            named.put(MaskSummary.OTHERS, others);
        }
        return new MaskSummary(predicted, learnt, wholeSamples, named, totalWeight);
    }

    /// `1` and not `1.0`.
    private static String shortest(float weight) {
        return weight == Math.rint(weight) ? Long.toString((long) weight) : Float.toString(weight);
    }
}
