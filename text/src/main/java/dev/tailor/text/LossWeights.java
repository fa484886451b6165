package dev.tailor.text;

import java.util.List;
import java.util.OptionalDouble;

/// How much what a message says counts in the loss, where its data says so.
///
/// @param message the weight of the message as a whole; empty where the data leaves it to [TrainOn]
/// @param parts weights of parts of its content, in order and apart; they count instead of the
///   message's
public record LossWeights(OptionalDouble message, List<Part> parts) {
    /// The data says nothing.
    public static final LossWeights NONE = new LossWeights(OptionalDouble.empty(), List.of());

    /// The greatest weight, and one over the smallest that is not 0.
    public static final double GREATEST = 1e6;

    /// Copies the parts.
    public LossWeights {
        parts = List.copyOf(parts);
    }

    /// The weight of a message as a whole.
    public static LossWeights of(double message) {
        return new LossWeights(OptionalDouble.of(message), List.of());
    }

    /// The characters `[start, end)` of a content, in UTF-16 units, and their weight.
    public record Part(int start, int end, double weight) {}

    /// Whether the data says nothing.
    public boolean isEmpty() {
        return message.isEmpty() && parts.isEmpty();
    }

    /// Whether a number can be a weight: 0, or neither so small nor so great that sums lose it.
    public static boolean isWeight(double value) {
        return value == 0 || (value >= 1 / GREATEST && value <= GREATEST);
    }
}
