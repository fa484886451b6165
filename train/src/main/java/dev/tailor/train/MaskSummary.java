package dev.tailor.train;

import java.util.Map;
import java.util.stream.Collectors;

/// What share of the tokens is learnt, and how much they count.
///
/// @param predicted tokens that could be learnt in one epoch: all but the first of each sequence
/// @param learnt those that are
/// @param wholeSamples samples of which all are learnt, where only answers should be
/// @param weights learnt tokens by their weight, [#OTHERS] for those of rarer ones
/// @param totalWeight the sum of the weights: what a step's mean divides by
public record MaskSummary(
        long predicted,
        long learnt,
        long wholeSamples,
        Map<String, Long> weights,
        double totalWeight) {
    /// Stands for the weights that came after the first [#MOST_WEIGHTS].
    public static final String OTHERS = "others";

    /// Weights that are counted one by one.
    public static final int MOST_WEIGHTS = 16;

    /// Nothing is known.
    public static final MaskSummary NONE = new MaskSummary(0, 0, 0, Map.of(), 0);

    /// Whether tokens count differently.
    public boolean countsUnevenly() {
        return weights.keySet().stream().anyMatch(weight -> !weight.equals("1"));
    }

    /// The share that is learnt, as a sentence.
    public String share() {
        return "%.1f %% of the tokens are learnt: %d of %d"
                .formatted(100.0 * learnt / Math.max(1, predicted), learnt, predicted);
    }

    /// The weights, as a sentence.
    public String weighing() {
        return "weights: %s; all count as %.1f tokens of weight 1"
                .formatted(
                        weights.entrySet().stream()
                                .map(entry -> entry.getValue() + " tokens × " + entry.getKey())
                                .collect(Collectors.joining(", ")),
                        totalWeight);
    }
}
