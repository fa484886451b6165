package dev.tailor.train.preference;

/// What ties the policy to the reference: the divergence `D_f` that is charged for moving away, by
/// the derivative `f'` at the ratio `t = policy / reference` (f-DPO, arXiv 2309.16240 §4.1). The
/// derivative takes the place of the log-ratio `u = log t` in a loss of the margin.
///
/// | divergence | score `f'(e^u)` |
/// |---|---|
/// | reverse KL | `u` (DPO) |
/// | forward KL | `1 - e^-u` |
/// | Jensen-Shannon | `log 2 + log s(u)` |
/// | alpha | `(e^((a - 1) u) - 1) / (a - 1)`; `a = 0` is forward KL, `a -> 1` reverse KL |
///
/// Exponents above 80 are continued in a straight line, so that an answer the policy has all but
/// forgotten keeps a finite loss and a slope.
public sealed interface Divergence {
    /// The score of a log-ratio.
    double score(double logRatio);

    /// The derivative of the score.
    double slope(double logRatio);

    /// `KL(policy || reference)`.
    record ReverseKl() implements Divergence {
        @Override
        public double score(double logRatio) {
            return logRatio;
        }

        @Override
        public double slope(double logRatio) {
            return 1;
        }
    }

    /// `KL(reference || policy)`.
    record ForwardKl() implements Divergence {
        @Override
        public double score(double logRatio) {
            return 1 - Exponential.of(-logRatio);
        }

        @Override
        public double slope(double logRatio) {
            return Exponential.slope(-logRatio);
        }
    }

    /// The Jensen-Shannon divergence.
    record JensenShannon() implements Divergence {
        @Override
        public double score(double logRatio) {
            return Math.log(2) - Logistic.softplus(-logRatio);
        }

        @Override
        public double slope(double logRatio) {
            return Logistic.of(-logRatio);
        }
    }

    /// The alpha divergence. `alpha` is any number; 1 is the limit, reverse KL.
    record Alpha(double alpha) implements Divergence {
        public Alpha {
            if (!Double.isFinite(alpha)) {
                throw new IllegalArgumentException("alpha must be a number, not " + alpha);
            }
        }

        /// Nearer to 1 than this, the limit is closer than the quotient.
        private boolean limit() {
            return Math.abs(alpha - 1) < 1e-6;
        }

        @Override
        public double score(double logRatio) {
            double a = alpha - 1;
            return limit() ? logRatio : (Exponential.of(a * logRatio) - 1) / a;
        }

        @Override
        public double slope(double logRatio) {
            return limit() ? 1 : Exponential.slope((alpha - 1) * logRatio);
        }
    }
}
