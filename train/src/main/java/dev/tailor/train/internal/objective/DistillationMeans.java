package dev.tailor.train.internal.objective;

import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.distillation.DistillationLoss.Hidden;
import dev.tailor.train.internal.batch.MicroBatch;

import java.util.LinkedHashMap;
import java.util.Map;

/// Means over positions, by their weights, of the losses of a distillation.
public final class DistillationMeans {
    private final Distillation objective;
    private final double allWeights;
    private final double[] sums;
    private double crossEntropy;
    private double totalWeight;

    public DistillationMeans(Distillation objective) {
        this.objective = objective;
        this.sums = new double[objective.losses().size()];
        this.allWeights = objective.losses().stream().mapToDouble(part -> part.weight()).sum();
    }

    /// The share of loss number `part` in the mean.
    public double share(int part) {
        return objective.losses().get(part).weight() / allWeights;
    }

    /// Adds to a loss of hidden states the weighted sum over the positions of a pass.
    public void addHidden(int part, double sum) {
        sums[part] += sum;
    }

    /// Room for the losses at every position of a pass.
    public Pass pass(MicroBatch batch) {
        return new Pass(batch);
    }

    /// Adds a pass: in the order of its positions, whatever threads have computed them.
    public void add(Pass pass) {
        for (int p = 0; p < sums.length; p++) {
            if (!(objective.losses().get(p).loss() instanceof Hidden)) {
                sums[p] += sum(pass.batch, pass.values[p]);
            }
        }
        crossEntropy += sum(pass.batch, pass.crossEntropies);
        totalWeight += pass.batch.totalWeight();
    }

    private static double sum(MicroBatch batch, double[] values) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += batch.weight(i) * values[i];
        }
        return sum;
    }

    /// The mean of all losses by their weights.
    public double loss() {
        double loss = 0;
        for (int p = 0; p < sums.length; p++) {
            loss += share(p) * sums[p] / totalWeight;
        }
        return loss;
    }

    /// The mean cross-entropy that [Pass#crossEntropy] was told of.
    public double crossEntropy() {
        return crossEntropy / totalWeight;
    }

    /// Each loss by its name, with `prefix` before it.
    public Map<String, Double> byName(String prefix) {
        Map<String, Double> means = new LinkedHashMap<>();
        for (int p = 0; p < sums.length; p++) {
            means.put(prefix + objective.losses().get(p).loss().metric(), sums[p] / totalWeight);
        }
        return means;
    }

    /// The losses at the positions of a pass. Several threads may fill it, each position once.
    public final class Pass {
        private final MicroBatch batch;
        private final double[][] values;
        private final double[] crossEntropies;

        Pass(MicroBatch batch) {
            this.batch = batch;
            this.values = new double[sums.length][batch.batch().size()];
            this.crossEntropies = new double[batch.batch().size()];
        }

        /// The share of loss number `part` in the mean.
        public double share(int part) {
            return DistillationMeans.this.share(part);
        }

        /// The token that follows in the data.
        public int target(int position) {
            return batch.batch().targets()[position];
        }

        /// How much the token counts.
        public double weight(int position) {
            return batch.weight(position);
        }

        /// Takes note of a loss.
        public void set(int part, int position, double value) {
            values[part][position] = value;
        }

        /// Takes note of the cross-entropy, whether or not it is one of the losses.
        public void crossEntropy(int position, double value) {
            crossEntropies[position] = value;
        }
    }
}
