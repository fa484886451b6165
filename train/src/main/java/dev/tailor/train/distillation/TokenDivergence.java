package dev.tailor.train.distillation;

/// How far the student's distribution `q` of the next token stands from the teacher's `p`: a sum
/// over outcomes of a function of both probabilities.
///
/// | divergence | summand | source |
/// |---|---|---|
/// | forward KL | `p log(p / q)` | Hinton et al., arXiv 1503.02531 |
/// | reverse KL | `q log(q / p)` | MiniLLM, arXiv 2306.08543 |
/// | Jensen-Shannon | `(p log(p / m) + q log(q / m)) / 2`, `m = (p + q) / 2` | GKD, arXiv 2306.13649, `b = 1/2` |
/// | total variation | `abs(p - q) / 2` | f-distill, arXiv 2307.15190 |
///
/// Every method is given both probabilities and their logarithms: who calls has them all.
public sealed interface TokenDivergence {
    /// The summand of an outcome.
    double value(double p, double logP, double q, double logQ);

    /// The summand's derivative with respect to `log q`.
    double slope(double p, double logP, double q, double logQ);

    /// Whether the value is infinite where the teacher excludes what the student does not.
    default boolean needsEveryOutcome() {
        return false;
    }

    /// `KL(p || q)`: the student covers all that the teacher would say.
    record ForwardKl() implements TokenDivergence {
        @Override
        public double value(double p, double logP, double q, double logQ) {
            return p > 0 ? p * (logP - logQ) : 0;
        }

        @Override
        public double slope(double p, double logP, double q, double logQ) {
            return -p;
        }
    }

    /// `KL(q || p)`: the student says only what the teacher would.
    record ReverseKl() implements TokenDivergence {
        @Override
        public double value(double p, double logP, double q, double logQ) {
            return q > 0 ? q * (logQ - logP) : 0;
        }

        @Override
        public double slope(double p, double logP, double q, double logQ) {
            return q > 0 ? q * (logQ - logP + 1) : 0;
        }

        @Override
        public boolean needsEveryOutcome() {
            return true;
        }
    }

    /// The Jensen-Shannon divergence, between 0 and log 2.
    record JensenShannon() implements TokenDivergence {
        @Override
        public double value(double p, double logP, double q, double logQ) {
            double middle = Math.log((p + q) / 2);
            return ((p > 0 ? p * (logP - middle) : 0) + (q > 0 ? q * (logQ - middle) : 0)) / 2;
        }

        @Override
        public double slope(double p, double logP, double q, double logQ) {
            return q > 0 ? q * (logQ - Math.log((p + q) / 2)) / 2 : 0;
        }
    }

    /// The total variation distance, between 0 and 1. Its slope at `p = q` is taken as 0.
    record TotalVariation() implements TokenDivergence {
        @Override
        public double value(double p, double logP, double q, double logQ) {
            return Math.abs(p - q) / 2;
        }

        @Override
        public double slope(double p, double logP, double q, double logQ) {
            return q * Math.signum(q - p) / 2;
        }
    }
}
