package dev.tailor.train.preference;

/// A loss that needs no reference: nothing but the policy is asked. `a` is an answer's mean
/// log-probability per token, `log p` its sum; NLL is the negative log-likelihood per token, over
/// all tokens of the step alike.
///
/// | loss | formula | source |
/// |---|---|---|
/// | sft | NLL of the chosen answers | the likelihood term of RPO, arXiv 2404.19733 |
/// | orpo | NLL of the chosen texts, prompts included `- b log s(log odds_c - log odds_r)`, `odds = e^a / (1 - e^a)` | ORPO, arXiv 2403.07691 eq. 6 and 7 |
/// | cpo | `-(1 - e) log s(x) - e log s(-x) + n NLL`, `x = b (log p_c - log p_r)` | CPO, arXiv 2401.08417 eq. 3 |
/// | simpo | the same with `x = b (a_c - a_r) - g` | SimPO, arXiv 2405.14734 eq. 6; with `n > 0` CPO-SimPO |
public sealed interface PolicyLoss extends PreferenceLoss {
    @Override
    default boolean usesReference() {
        return false;
    }

    /// Cross-entropy of the chosen answers.
    record Sft() implements PolicyLoss {
        @Override
        public PairTerm term(Pair pair, Scale scale) {
            return likelihood(pair, scale);
        }
    }

    /// Odds ratio preference optimisation. Its `beta` is the paper's λ. As the authors' code does,
    /// and other trainers do not, the prompt's tokens are learnt too.
    record Orpo() implements PolicyLoss {
        /// Nearer to certainty than this, odds are infinite.
        private static final double CERTAIN = -1e-12;

        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double chosen = Math.min(pair.chosen().perToken(), CERTAIN);
            double rejected = Math.min(pair.rejected().perToken(), CERTAIN);
            double x = logOdds(chosen) - logOdds(rejected);
            double slope = -scale.beta() * Logistic.of(-x);
            double nll = -(pair.prompt() + pair.chosen().policy()) / scale.textTokens();
            return new PairTerm(
                    nll + scale.beta() * Logistic.softplus(-x),
                    slope * logOddsSlope(chosen) / pair.chosen().tokens() - 1 / scale.textTokens(),
                    -slope * logOddsSlope(rejected) / pair.rejected().tokens(),
                    -1 / scale.textTokens());
        }

        /// `a - log(1 - e^a)`, exact for `a` near 0 as for large negative ones.
        private static double logOdds(double a) {
            return a - (a > -Math.log(2) ? Math.log(-Math.expm1(a)) : Math.log1p(-Math.exp(a)));
        }

        private static double logOddsSlope(double a) {
            return -1 / Math.expm1(a);
        }

        @Override
        public boolean readsPrompt() {
            return true;
        }

        @Override
        public double reward(Pair.Answer answer, double beta) {
            return beta * answer.perToken();
        }
    }

    /// Contrastive preference optimisation.
    ///
    /// @param labelSmoothing the share of flipped labels, in [0, 0.5)
    /// @param nll the weight of the chosen answers' NLL, at least 0; 1 in the paper
    record Cpo(double labelSmoothing, double nll) implements PolicyLoss {
        public Cpo {
            Share.check(labelSmoothing);
            checkWeight(nll);
        }

        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double b = scale.beta();
            double x = b * (pair.chosen().policy() - pair.rejected().policy());
            double slope = b * smoothSlope(x, labelSmoothing);
            return new PairTerm(smooth(x, labelSmoothing), slope, -slope, 0)
                    .plus(nll, likelihood(pair, scale));
        }

        @Override
        public double reward(Pair.Answer answer, double beta) {
            return beta * answer.policy();
        }
    }

    /// Simple preference optimisation: the reward is the mean log-probability, so it is what
    /// decides when the model writes.
    ///
    /// @param gamma the margin that rewards shall differ by, at least 0
    /// @param labelSmoothing the share of flipped labels, in [0, 0.5)
    /// @param nll the weight of the chosen answers' NLL, at least 0; 0 in the paper
    record SimPo(double gamma, double labelSmoothing, double nll) implements PolicyLoss {
        public SimPo {
            Share.check(labelSmoothing);
            checkWeight(gamma);
            checkWeight(nll);
        }

        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double b = scale.beta();
            double x = b * (pair.chosen().perToken() - pair.rejected().perToken()) - gamma;
            double slope = b * smoothSlope(x, labelSmoothing);
            return new PairTerm(
                            smooth(x, labelSmoothing),
                            slope / pair.chosen().tokens(),
                            -slope / pair.rejected().tokens(),
                            0)
                    .plus(nll, likelihood(pair, scale));
        }

        @Override
        public double reward(Pair.Answer answer, double beta) {
            return beta * answer.perToken();
        }
    }

    private static PairTerm likelihood(Pair pair, Scale scale) {
        double perToken = -1 / scale.answerTokens();
        return new PairTerm(perToken * pair.chosen().policy(), perToken, 0, 0);
    }

    private static double smooth(double x, double e) {
        return (1 - e) * Logistic.softplus(-x) + e * Logistic.softplus(x);
    }

    private static double smoothSlope(double x, double e) {
        return e * Logistic.of(x) - (1 - e) * Logistic.of(-x);
    }

    private static void checkWeight(double weight) {
        if (!(weight >= 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException("must be at least 0, not " + weight);
        }
    }
}
