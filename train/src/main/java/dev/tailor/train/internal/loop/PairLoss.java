package dev.tailor.train.internal.loop;

import dev.tailor.torch.ForwardPass;
import dev.tailor.torch.PackedBatch;
import dev.tailor.train.Objective.Preference;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.MicroBatch.SegmentSum;
import dev.tailor.train.internal.objective.Pair;
import dev.tailor.train.internal.objective.PairMetrics;
import dev.tailor.train.internal.objective.PairTerm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A preference loss: the mean over pairs. Sequences `2 i` and `2 i + 1` are the chosen and the
/// rejected answer of pair `i`, and segments of a pass come in such couples.
record PairLoss(Preference objective, ReferenceLogProbs reference) implements Loss {
    @Override
    public StepOutcome learn(List<MicroBatch> passes, Forward forward) {
        int pairs = passes.stream().mapToInt(pass -> pass.sequences().length / 2).sum();
        PairMetrics metrics = new PairMetrics();
        long positions = 0;
        for (int i = 0; i < passes.size(); i++) {
            MicroBatch batch = passes.get(i);
            try (ForwardPass pass = forward.run(batch.batch(), i)) {
                SegmentSum[] sums = batch.sumsPerSegment(pass.logProbs());
                pass.backward(coefficients(batch, sums, pairs, metrics));
            }
            positions += batch.batch().size();
        }
        return new StepOutcome(metrics.meanLoss(), positions, metrics.means(""));
    }

    @Override
    public Map<String, Double> measure(Iterable<MicroBatch> passes, LogProbs logProbs) {
        PairMetrics metrics = new PairMetrics();
        for (MicroBatch batch : passes) {
            SegmentSum[] sums = batch.sumsPerSegment(logProbs.of(batch.batch()));
            for (int s = 0; s < sums.length; s += 2) {
                Pair pair = pair(batch, sums, s);
                metrics.add(objective, pair, PairTerm.of(objective, pair));
            }
        }
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("eval_loss", metrics.meanLoss());
        measured.putAll(metrics.means("eval_"));
        return measured;
    }

    private Pair pair(MicroBatch batch, SegmentSum[] sums, int s) {
        return new Pair(answer(batch, sums, s), answer(batch, sums, s + 1));
    }

    private Pair.Answer answer(MicroBatch batch, SegmentSum[] sums, int s) {
        return new Pair.Answer(
                sums[s].sum(), reference.ofSequence(batch.sequences()[s]), sums[s].count());
    }

    /// The derivative of the mean loss with respect to every log-probability.
    private float[] coefficients(
            MicroBatch batch, SegmentSum[] sums, int pairs, PairMetrics metrics) {
        PackedBatch packed = batch.batch();
        float[] coefficients = new float[packed.size()];
        int at = 0;
        for (int s = 0; s < sums.length; s += 2) {
            Pair pair = pair(batch, sums, s);
            PairTerm term = PairTerm.of(objective, pair);
            metrics.add(objective, pair, term);
            int middle = at + packed.segmentLengths()[s];
            int end = middle + packed.segmentLengths()[s + 1];
            java.util.Arrays.fill(coefficients, at, middle, (float) (term.chosenSlope() / pairs));
            java.util.Arrays.fill(
                    coefficients, middle, end, (float) (term.rejectedSlope() / pairs));
            at = end;
        }
        return coefficients;
    }
}
