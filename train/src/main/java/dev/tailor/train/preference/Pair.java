package dev.tailor.train.preference;

/// What is known of one preference pair.
///
/// @param prompt the log-probability of the chosen conversation's context tokens under the policy;
///   0 unless the loss [reads prompts][PreferenceLoss#readsPrompt]
public record Pair(Answer chosen, Answer rejected, double prompt) {
    /// A pair of which only the answers matter.
    public Pair(Answer chosen, Answer rejected) {
        this(chosen, rejected, 0);
    }

    /// One answer: the sums of its tokens' log-probabilities under the policy (the model that
    /// learns) and the reference, and how many tokens it has (at least 1).
    ///
    /// @param reference 0 where there is no reference
    public record Answer(double policy, double reference, int tokens, Divergence divergence) {
        /// An answer whose distance from the reference is measured as DPO does.
        public Answer(double policy, double reference, int tokens) {
            this(policy, reference, tokens, new Divergence.ReverseKl());
        }

        /// How far the policy has moved towards this answer.
        public double logRatio() {
            return policy - reference;
        }

        /// The same as the divergence counts it.
        public double score() {
            return divergence.score(logRatio());
        }

        /// The derivative of the score with respect to the policy's log-probability.
        double scoreSlope() {
            return divergence.slope(logRatio());
        }

        /// The policy's log-probability per token.
        public double perToken() {
            return policy / tokens;
        }
    }

    /// How much further the policy has moved towards the chosen answer than towards the rejected.
    public double margin() {
        return chosen.score() - rejected.score();
    }

    /// The same from scores per token, so that answers of different lengths compare.
    public double marginPerToken() {
        return chosen.score() / chosen.tokens() - rejected.score() / rejected.tokens();
    }

    /// The term of a loss that is a function of [#margin].
    PairTerm ofMargin(double loss, double slope) {
        return new PairTerm(loss, slope * chosen.scoreSlope(), -slope * rejected.scoreSlope(), 0);
    }

    /// The term of a loss that is a function of [#marginPerToken].
    PairTerm ofMarginPerToken(double loss, double slope) {
        return new PairTerm(
                loss,
                slope * chosen.scoreSlope() / chosen.tokens(),
                -slope * rejected.scoreSlope() / rejected.tokens(),
                0);
    }
}
