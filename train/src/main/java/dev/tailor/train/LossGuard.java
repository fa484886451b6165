package dev.tailor.train;

/// Carries a run over losses that are no numbers or far too high: back to an earlier state, and on
/// with the data after the bad step (Chowdhery et al. 2022, arXiv 2204.02311, section 5.1, do it by
/// hand).
///
/// The state gone back to is that after the last multiple of `every` steps which is at least one
/// good step away, or the beginning; the data from there to the bad step is not seen. Learning
/// rates follow the steps as before.
///
/// @param spike a loss above so many times the median of the last 64 losses is bad, from the 17th
///   step on; above 1
/// @param every steps between the states that can be gone back to, at least 1
/// @param returns how often the run goes back before it ends with an error, at least 1
public record LossGuard(double spike, int every, int returns) {
    /// Checks the ranges.
    public LossGuard {
        if (!(spike > 1) || every < 1 || returns < 1) {
            throw new IllegalArgumentException(
                    "spike %s must be above 1, every %d and returns %d at least 1"
                            .formatted(spike, every, returns));
        }
    }

    /// The steps of the state to go back to when the step after `steps` steps is bad.
    public int target(int steps) {
        return Math.max(0, (steps - 1) / every * every);
    }
}
