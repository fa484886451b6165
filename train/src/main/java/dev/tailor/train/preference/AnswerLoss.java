package dev.tailor.train.preference;

/// What a single answer costs that is known to be wanted or unwanted; a step's loss is the mean
/// over its answers, each times the weight of its kind.
///
/// With `u` the log-ratio of the answer and `z` the divergence of the policy from the reference:
///
/// | loss | wanted | unwanted | source |
/// |---|---|---|---|
/// | kto | `1 - s(b (u - z))` | `1 - s(b (z - u))` | KTO, arXiv 2402.01306 eq. 7 |
/// | apo-zero | `1 - s(b u)` | `s(b u)` | APO, arXiv 2408.06266 eq. 7, unpaired |
public sealed interface AnswerLoss {
    /// The loss of an answer.
    ///
    /// @param logRatio `u`
    /// @param wanted which kind it is
    /// @param beta the strength of the tie to the reference, above 0
    /// @param divergence `z`, at least 0; a constant as far as derivatives go
    AnswerTerm term(double logRatio, boolean wanted, double beta, double divergence);

    /// Whether `z` has to be estimated.
    boolean usesDivergence();

    /// A loss and its derivative with respect to the policy's log-probability of the answer.
    record AnswerTerm(double loss, double slope) {}

    /// Kahneman-Tversky optimisation: gains and losses are felt from `z` on, and less the larger
    /// they are.
    record Kto() implements AnswerLoss {
        @Override
        public AnswerTerm term(double logRatio, boolean wanted, double beta, double divergence) {
            double sign = wanted ? 1 : -1;
            double x = sign * beta * (logRatio - divergence);
            return new AnswerTerm(Logistic.of(-x), -sign * beta * Logistic.slope(x));
        }

        @Override
        public boolean usesDivergence() {
            return true;
        }
    }

    /// [RewardLoss.ApoZero] for answers that come alone.
    record ApoZero() implements AnswerLoss {
        @Override
        public AnswerTerm term(double logRatio, boolean wanted, double beta, double divergence) {
            return new Kto().term(logRatio, wanted, beta, 0);
        }

        @Override
        public boolean usesDivergence() {
            return false;
        }
    }
}
