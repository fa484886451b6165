package dev.tailor.train.internal.objective;

/// What is known of one preference pair: the log-probability of each answer under the policy (the
/// model that learns) and under the reference.
public record Pair(Answer chosen, Answer rejected) {
    /// One answer: the sums of its tokens' log-probabilities, and how many tokens it has (at least
    /// 1).
    public record Answer(double policy, double reference, int tokens) {
        /// How far the policy has moved towards this answer.
        public double logRatio() {
            return policy - reference;
        }

        /// The same per token, so that answers of different lengths compare.
        public double logRatioPerToken() {
            return logRatio() / tokens;
        }
    }
}
