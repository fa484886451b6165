package dev.tailor.train.internal.objective;

import dev.tailor.train.Objective.Preference;
import dev.tailor.train.preference.Pair;
import dev.tailor.train.preference.PairTerm;

import java.util.LinkedHashMap;
import java.util.Map;

/// Means over pairs of what is logged beside a preference loss.
public final class PairMetrics {
    private long pairs;
    private double loss;
    private double rewardChosen;
    private double rewardRejected;
    private long correct;
    private double logpChosen;
    private double logpRejected;

    /// Adds one pair.
    public void add(Preference objective, Pair pair, PairTerm term) {
        double chosen = objective.loss().reward(pair.chosen(), objective.beta());
        double rejected = objective.loss().reward(pair.rejected(), objective.beta());
        pairs++;
        loss += term.loss();
        rewardChosen += chosen;
        rewardRejected += rejected;
        correct += chosen > rejected ? 1 : 0;
        logpChosen += pair.chosen().policy();
        logpRejected += pair.rejected().policy();
    }

    /// Mean loss over the pairs added.
    public double meanLoss() {
        return loss / pairs;
    }

    /// The means by name, with `prefix` before each name.
    public Map<String, Double> means(String prefix) {
        Map<String, Double> means = new LinkedHashMap<>();
        means.put(prefix + "rewards/chosen", rewardChosen / pairs);
        means.put(prefix + "rewards/rejected", rewardRejected / pairs);
        means.put(prefix + "rewards/margins", (rewardChosen - rewardRejected) / pairs);
        means.put(prefix + "rewards/accuracies", (double) correct / pairs);
        means.put(prefix + "logps/chosen", logpChosen / pairs);
        means.put(prefix + "logps/rejected", logpRejected / pairs);
        return means;
    }
}
