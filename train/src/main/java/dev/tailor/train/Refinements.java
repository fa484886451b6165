package dev.tailor.train;

import dev.tailor.torch.OptimizerSettings;

import java.util.Optional;

/// What a stage does beside plain steps.
///
/// @param embeddingNoise α of NEFTune: noise of up to `α / √(length · hidden)` on embedded tokens
///   while learning; 0 for none
/// @param averageDecay the result is an exponential moving average of the weights, with this decay
///   a step, in [0, 1); 0 for the weights themselves
/// @param keepBest the result is the weights of the step whose held-out loss was the lowest
/// @param patience the run ends when so many measurements in a row were no better than the best; 0
///   for never
/// @param order the order in which rows are seen
/// @param guard goes back when the loss leaves its range; without it, a loss that is no number ends
///   the run
public record Refinements(
        double embeddingNoise,
        double averageDecay,
        boolean keepBest,
        int patience,
        Order order,
        Optional<LossGuard> guard) {
    /// The order in which rows are seen.
    public enum Order {
        /// Shuffled anew in every epoch.
        SHUFFLED,
        /// Shuffled, but rows of similar length meet in a step: nothing waits for the longest.
        LENGTH_GROUPED,
        /// The first epoch goes from short to long rows, later ones are shuffled.
        SHORT_FIRST
    }

    /// Checks the ranges.
    public Refinements {
        if (!(embeddingNoise >= 0) || Double.isInfinite(embeddingNoise)) {
            throw new IllegalArgumentException(
                    "embedding noise must be at least 0, not " + embeddingNoise);
        }
        if (!(averageDecay >= 0 && averageDecay < 1)) {
            throw new IllegalArgumentException(
                    "average decay must lie in [0, 1), not " + averageDecay);
        }
        if (patience < 0) {
            throw new IllegalArgumentException("patience must be at least 0, not " + patience);
        }
    }

    /// Plain steps.
    public static Refinements none() {
        return new Refinements(0, 0, false, 0, Order.SHUFFLED, Optional.empty());
    }

    /// Whether the best step must be known.
    public boolean watchesBest() {
        return keepBest || patience > 0;
    }

    void check(OptimizerSettings optimizer) {
        if (averageDecay > 0 && optimizer instanceof OptimizerSettings.ScheduleFree) {
            throw new IllegalArgumentException(
                    "schedule-free AdamW averages weights already: no average decay beside it");
        }
    }
}
