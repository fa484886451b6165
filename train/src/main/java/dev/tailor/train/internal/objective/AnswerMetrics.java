package dev.tailor.train.internal.objective;

import dev.tailor.train.Objective.Unpaired;

import java.util.LinkedHashMap;
import java.util.Map;

/// Means over single answers of what is logged beside their loss.
public final class AnswerMetrics {
    private final Unpaired objective;
    private final double divergence;
    private final Kind wanted = new Kind();
    private final Kind unwanted = new Kind();
    private double loss;

    /// @param divergence the estimate that the losses were computed with
    public AnswerMetrics(Unpaired objective, double divergence) {
        this.objective = objective;
        this.divergence = divergence;
    }

    private static final class Kind {
        private long answers;
        private double logRatio;
        private double logProb;

        private void add(double policy, double reference) {
            answers++;
            logRatio += policy - reference;
            logProb += policy;
        }
    }

    /// Adds one answer with its weighted loss.
    public void add(boolean isWanted, double policy, double reference, double weightedLoss) {
        (isWanted ? wanted : unwanted).add(policy, reference);
        loss += weightedLoss;
    }

    /// Mean loss over the answers added.
    public double meanLoss() {
        return loss / (wanted.answers + unwanted.answers);
    }

    /// The means by name, with `prefix` before each name; nothing of a kind that did not occur.
    public Map<String, Double> means(String prefix) {
        Map<String, Double> means = new LinkedHashMap<>();
        put(means, prefix, "chosen", wanted);
        put(means, prefix, "rejected", unwanted);
        if (wanted.answers > 0 && unwanted.answers > 0) {
            means.put(
                    prefix + "rewards/margins",
                    objective.beta()
                            * (wanted.logRatio / wanted.answers
                                    - unwanted.logRatio / unwanted.answers));
        }
        if (objective.loss().usesDivergence()) {
            means.put(prefix + "kl", divergence);
        }
        return means;
    }

    private void put(Map<String, Double> means, String prefix, String name, Kind kind) {
        if (kind.answers > 0) {
            means.put(prefix + "rewards/" + name, objective.beta() * kind.logRatio / kind.answers);
            means.put(prefix + "logps/" + name, kind.logProb / kind.answers);
        }
    }
}
