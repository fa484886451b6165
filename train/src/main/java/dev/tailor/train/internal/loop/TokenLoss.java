package dev.tailor.train.internal.loop;

import dev.tailor.torch.ForwardPass;
import dev.tailor.torch.PackedBatch;
import dev.tailor.train.internal.batch.MicroBatch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Cross-entropy: the mean negative log-probability of the scored tokens, each as often as its
/// weight says.
///
/// The mean is over the weights of the whole step: `Σ w · (-log p) / Σ w`. A mean of each pass's
/// own mean would give tokens of short passes more weight. Where a mixture of experts asks for it,
/// the balance of its routers is part of what is minimised; it is reported by itself.
record TokenLoss() implements Loss {
    @Override
    public StepOutcome learn(List<MicroBatch> passes, Forward forward) {
        long scored = passes.stream().mapToLong(pass -> pass.batch().scored()).sum();
        double total = passes.stream().mapToDouble(MicroBatch::totalWeight).sum();
        double sum = 0;
        double balance = 0;
        long positions = 0;
        for (int i = 0; i < passes.size(); i++) {
            PackedBatch batch = passes.get(i).batch();
            try (ForwardPass pass = forward.run(batch, i)) {
                balance += pass.balance((double) batch.scored() / scored);
                float[] logProbs = pass.crossEntropyBackward(coefficients(passes.get(i), total));
                sum += sum(logProbs, passes.get(i));
            }
            positions += batch.size();
        }
        Map<String, Double> metrics = balance == 0 ? Map.of() : Map.of("router_balance", balance);
        return new StepOutcome(-sum / total, positions, metrics);
    }

    private static float[] coefficients(MicroBatch batch, double total) {
        float[] coefficients = new float[batch.batch().size()];
        for (int i = 0; i < coefficients.length; i++) {
            coefficients[i] = (float) (-batch.weight(i) / total);
        }
        return coefficients;
    }

    @Override
    public Map<String, Double> measure(Iterable<MicroBatch> passes, LogProbs logProbs) {
        double sum = 0;
        double total = 0;
        for (MicroBatch pass : passes) {
            sum += sum(logProbs.of(pass.batch()), pass);
            total += pass.totalWeight();
        }
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("eval_loss", -sum / total);
        measured.put("eval_perplexity", Math.exp(-sum / total));
        return measured;
    }

    private static double sum(float[] logProbs, MicroBatch batch) {
        double sum = 0;
        for (int i = 0; i < logProbs.length; i++) {
            if (batch.batch().targets()[i] >= 0) {
                sum += (double) batch.weight(i) * logProbs[i];
            }
        }
        return sum;
    }
}
