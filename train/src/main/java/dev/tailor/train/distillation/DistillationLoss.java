package dev.tailor.train.distillation;

/// What a student's answer is measured by.
public sealed interface DistillationLoss {
    /// Its name among measurements.
    String metric();

    /// The negative log-probability of the token that follows in the data.
    record CrossEntropy() implements DistillationLoss {
        @Override
        public String metric() {
            return "cross_entropy";
        }
    }

    /// How far the student's distribution of the next token is from the teacher's.
    record Tokens(TokenDivergence divergence) implements DistillationLoss {
        @Override
        public String metric() {
            return switch (divergence) {
                case TokenDivergence.ForwardKl kl -> "kl";
                case TokenDivergence.ReverseKl kl -> "reverse_kl";
                case TokenDivergence.JensenShannon js -> "jsd";
                case TokenDivergence.TotalVariation tv -> "tvd";
            };
        }
    }

    /// How far hidden states are from the teacher's: the mean over the pairs that are compared.
    record Hidden(HiddenDistance distance) implements DistillationLoss {
        @Override
        public String metric() {
            return switch (distance) {
                case SQUARE -> "hidden_mse";
                case COSINE -> "hidden_cosine";
            };
        }
    }

    /// A loss as part of a mean.
    ///
    /// @param weight above 0
    record Part(DistillationLoss loss, double weight) {
        public Part {
            if (!(weight > 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException("a weight must be positive, not " + weight);
            }
        }
    }
}
