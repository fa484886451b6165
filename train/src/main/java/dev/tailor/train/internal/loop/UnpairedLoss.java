package dev.tailor.train.internal.loop;

import dev.tailor.torch.ForwardPass;
import dev.tailor.train.Objective.Unpaired;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.MicroBatch.SegmentSum;
import dev.tailor.train.internal.batch.TokenFile;
import dev.tailor.train.internal.objective.AnswerMetrics;
import dev.tailor.train.preference.AnswerLoss.AnswerTerm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A loss of single answers: the mean over them.
///
/// @param tokens tells wanted from unwanted answers
/// @param reference the reference's log-probability of every answer
/// @param divergence the estimator of the divergence from the reference
record UnpairedLoss(
        Unpaired objective,
        TokenFile tokens,
        ReferenceLogProbs reference,
        DivergenceEstimate divergence)
        implements Loss {
    /// The divergence is estimated once, over all passes of the step, before anything is learnt.
    @Override
    public StepOutcome learn(List<MicroBatch> passes, Forward forward) {
        int answers = passes.stream().mapToInt(pass -> pass.sequences().length).sum();
        double estimate = divergence.over(passes);
        AnswerMetrics metrics = new AnswerMetrics(objective, estimate);
        long positions = 0;
        for (int i = 0; i < passes.size(); i++) {
            MicroBatch batch = passes.get(i);
            try (ForwardPass pass = forward.run(batch.batch(), i)) {
                double[] slopes = slopes(batch, pass.logProbs(), estimate, metrics);
                pass.backward(coefficients(batch, slopes, answers));
            }
            positions += batch.batch().size();
        }
        return new StepOutcome(metrics.meanLoss(), positions, metrics.means(""));
    }

    @Override
    public Map<String, Double> measure(Iterable<MicroBatch> passes, LogProbs logProbs) {
        double estimate = divergence.over(passes);
        AnswerMetrics metrics = new AnswerMetrics(objective, estimate);
        for (MicroBatch batch : passes) {
            slopes(batch, logProbs.of(batch.batch()), estimate, metrics);
        }
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("eval_loss", metrics.meanLoss());
        measured.putAll(metrics.means("eval_"));
        return measured;
    }

    /// The derivative of each answer's weighted loss with respect to its log-probability; what is
    /// logged goes to `metrics`.
    private double[] slopes(
            MicroBatch batch, float[] logProbs, double estimate, AnswerMetrics metrics) {
        SegmentSum[] sums = batch.sumsPerSegment(logProbs);
        double[] slopes = new double[sums.length];
        for (int s = 0; s < sums.length; s++) {
            int sequence = batch.sequences()[s];
            boolean wanted = tokens.wanted(sequence);
            double policy = sums[s].sum();
            double known = reference.ofSequence(sequence);
            AnswerTerm term =
                    objective.loss().term(policy - known, wanted, objective.beta(), estimate);
            double weight = objective.weight(wanted);
            metrics.add(wanted, policy, known, weight * term.loss());
            slopes[s] = weight * term.slope();
        }
        return slopes;
    }

    private static float[] coefficients(MicroBatch batch, double[] slopes, int answers) {
        float[] coefficients = new float[batch.batch().size()];
        int at = 0;
        for (int s = 0; s < slopes.length; s++) {
            double slope = slopes[s] / answers;
            for (int end = at + batch.batch().segmentLengths()[s]; at < end; at++) {
                coefficients[at] = (float) (batch.weight(at) * slope);
            }
        }
        return coefficients;
    }
}
