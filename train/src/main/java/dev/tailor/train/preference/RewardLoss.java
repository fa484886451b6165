package dev.tailor.train.preference;

/// A loss that looks at the log-ratio of each answer by itself, so that the chosen answer cannot
/// lose probability unnoticed while the rejected one loses more.
///
/// | loss | formula | source |
/// |---|---|---|
/// | nca-pair | `-log s(b u_c) - (log s(-b u_c) + log s(-b u_r)) / 2` | NCA, arXiv 2402.05369, with two answers |
/// | bco-pair | `-log s(b u_c) - log s(-b u_r)` | BCO, arXiv 2404.04656, without reward shift |
/// | sppo-hard | `(u_c - 1 / (2 b))^2 + (u_r + 1 / (2 b))^2` | SPPO, arXiv 2405.00675 eq. 4.7 with certain wins |
/// | apo-zero | `1 - s(b u_c) + s(b u_r)` | APO, arXiv 2408.06266 eq. 7 |
/// | apo-down | `s(b u_c) + 1 - s(b d)` | APO, arXiv 2408.06266 eq. 8 |
public sealed interface RewardLoss extends PreferenceLoss {
    /// Noise contrastive alignment.
    record NcaPair() implements RewardLoss {
        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double b = scale.beta();
            double c = b * pair.chosen().logRatio();
            double r = b * pair.rejected().logRatio();
            return new PairTerm(
                    Logistic.softplus(-c) + 0.5 * Logistic.softplus(c) + 0.5 * Logistic.softplus(r),
                    b * (0.5 * Logistic.of(c) - Logistic.of(-c)),
                    b * 0.5 * Logistic.of(r),
                    0);
        }
    }

    /// A binary classifier of answers, whose logit is the reward.
    record BcoPair() implements RewardLoss {
        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double b = scale.beta();
            double c = b * pair.chosen().logRatio();
            double r = b * pair.rejected().logRatio();
            return new PairTerm(
                    Logistic.softplus(-c) + Logistic.softplus(r),
                    -b * Logistic.of(-c),
                    b * Logistic.of(r),
                    0);
        }
    }

    /// Self-play preference optimisation where the chosen answer wins for certain.
    record SppoHard() implements RewardLoss {
        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double goal = 0.5 / scale.beta();
            double c = pair.chosen().logRatio() - goal;
            double r = pair.rejected().logRatio() + goal;
            return new PairTerm(c * c + r * r, 2 * c, 2 * r, 0);
        }
    }

    /// For chosen answers better than what the model writes: they gain, the rejected lose.
    record ApoZero() implements RewardLoss {
        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double b = scale.beta();
            double c = b * pair.chosen().logRatio();
            double r = b * pair.rejected().logRatio();
            return new PairTerm(
                    Logistic.of(-c) + Logistic.of(r),
                    -b * Logistic.slope(c),
                    b * Logistic.slope(r),
                    0);
        }
    }

    /// For chosen answers worse than what the model writes: both lose, the rejected lose more.
    record ApoDown() implements RewardLoss {
        @Override
        public PairTerm term(Pair pair, Scale scale) {
            double b = scale.beta();
            double c = b * pair.chosen().logRatio();
            double x = c - b * pair.rejected().logRatio();
            return new PairTerm(
                    Logistic.of(c) + Logistic.of(-x),
                    b * (Logistic.slope(c) - Logistic.slope(x)),
                    b * Logistic.slope(x),
                    0);
        }
    }
}
