package dev.tailor.train.internal.objective;

import dev.tailor.train.Objective.Preference;
import dev.tailor.train.PreferenceLoss.Hinge;
import dev.tailor.train.PreferenceLoss.Ipo;
import dev.tailor.train.PreferenceLoss.Sigmoid;

/// What one pair contributes to the loss. `chosenSlope` and `rejectedSlope` are the derivatives of
/// the loss with respect to every single token log-probability of that answer.
public record PairTerm(double loss, double chosenSlope, double rejectedSlope) {
    /// The term of `pair`.
    public static PairTerm of(Preference objective, Pair pair) {
        double beta = objective.beta();
        double delta = pair.chosen().logRatio() - pair.rejected().logRatio();
        return switch (objective.loss()) {
            case Sigmoid(double smoothing) -> sigmoid(beta, delta, smoothing);
            case Hinge() -> hinge(beta, delta);
            case Ipo() -> ipo(beta, pair);
        };
    }

    /// The implicit reward of an answer (DPO, arXiv 2305.18290 eq. 5 without the partition term).
    public static double reward(Preference objective, Pair.Answer answer) {
        return objective.beta() * answer.logRatio();
    }

    private static PairTerm sigmoid(double beta, double delta, double smoothing) {
        double logit = beta * delta;
        double loss = (1 - smoothing) * softplus(-logit) + smoothing * softplus(logit);
        // d/dx softplus(-x) = -s(-x), d/dx softplus(x) = s(x)
        double slope = beta * (smoothing * logistic(logit) - (1 - smoothing) * logistic(-logit));
        return new PairTerm(loss, slope, -slope);
    }

    private static PairTerm hinge(double beta, double delta) {
        double loss = Math.max(0, 1 - beta * delta);
        double slope = loss > 0 ? -beta : 0;
        return new PairTerm(loss, slope, -slope);
    }

    private static PairTerm ipo(double beta, Pair pair) {
        double delta = pair.chosen().logRatioPerToken() - pair.rejected().logRatioPerToken();
        double distance = delta - 1 / (2 * beta);
        return new PairTerm(
                distance * distance,
                2 * distance / pair.chosen().tokens(),
                -2 * distance / pair.rejected().tokens());
    }

    /// log(1 + e^x) without overflow; softplus(-x) = -log s(x).
    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    private static double logistic(double x) {
        return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    }
}
