package dev.tailor.torch;

import java.util.List;

/// How rotary frequencies are changed for contexts longer than those first trained on.
public sealed interface RopeScaling {
    /// Unchanged (Su et al. 2021).
    record None() implements RopeScaling {}

    /// All frequencies divided by `factor` (position interpolation).
    record Linear(double factor) implements RopeScaling {}

    /// The base grows with the length once it exceeds `originalMaxPositions` (NTK-aware).
    record Dynamic(double factor, int originalMaxPositions) implements RopeScaling {}

    /// Interpolates low frequencies only, with a ramp between, and scales the rotation by
    /// `attentionFactor` (Peng et al. 2023).
    record Yarn(
            double factor,
            int originalMaxPositions,
            double betaFast,
            double betaSlow,
            double attentionFactor,
            boolean truncate)
            implements RopeScaling {}

    /// Llama 3.1's piecewise rule by wavelength.
    record Llama3(
            double factor,
            double lowFrequencyFactor,
            double highFrequencyFactor,
            int originalMaxPositions)
            implements RopeScaling {}

    /// A divisor for every frequency, one list for sequences of up to `originalMaxPositions` and
    /// one for longer ones, and a rotation scaled by `attentionFactor` (Ding et al. 2024).
    record LongRope(
            List<Double> shortFactors,
            List<Double> longFactors,
            int originalMaxPositions,
            double attentionFactor)
            implements RopeScaling {
        /// Keeps own copies.
        public LongRope {
            shortFactors = List.copyOf(shortFactors);
            longFactors = List.copyOf(longFactors);
        }
    }
}
