package dev.tailor.train.internal.loop;

import dev.tailor.torch.ForwardPass;
import dev.tailor.torch.PackedBatch;
import dev.tailor.train.internal.batch.MicroBatch;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Cross-entropy: the mean negative log-probability of the scored tokens.
///
/// The mean is over the tokens of the whole step. A mean of each pass's own mean would give tokens
/// of short passes more weight. Where a mixture of experts asks for it, the balance of its routers
/// is part of what is minimised; it is reported by itself.
record TokenLoss() implements Loss {
    @Override
    public StepOutcome learn(List<MicroBatch> passes, Forward forward) {
        long scored = passes.stream().mapToLong(pass -> pass.batch().scored()).sum();
        float coefficient = (float) (-1.0 / scored);
        double sum = 0;
        double balance = 0;
        long positions = 0;
        for (int i = 0; i < passes.size(); i++) {
            PackedBatch batch = passes.get(i).batch();
            float[] coefficients = new float[batch.size()];
            Arrays.fill(coefficients, coefficient);
            try (ForwardPass pass = forward.run(batch, i)) {
                balance += pass.balance((double) batch.scored() / scored);
                sum += sum(pass.crossEntropyBackward(coefficients), batch);
            }
            positions += batch.size();
        }
        Map<String, Double> metrics = balance == 0 ? Map.of() : Map.of("router_balance", balance);
        return new StepOutcome(-sum / scored, positions, metrics);
    }

    @Override
    public Map<String, Double> measure(Iterable<MicroBatch> passes, LogProbs logProbs) {
        double sum = 0;
        long scored = 0;
        for (MicroBatch pass : passes) {
            sum += sum(logProbs.of(pass.batch()), pass.batch());
            scored += pass.batch().scored();
        }
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("eval_loss", -sum / scored);
        measured.put("eval_perplexity", Math.exp(-sum / scored));
        return measured;
    }

    private static double sum(float[] logProbs, PackedBatch batch) {
        double sum = 0;
        for (int i = 0; i < logProbs.length; i++) {
            if (batch.targets()[i] >= 0) {
                sum += logProbs[i];
            }
        }
        return sum;
    }
}
