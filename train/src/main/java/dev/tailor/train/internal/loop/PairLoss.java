package dev.tailor.train.internal.loop;

import dev.tailor.torch.ForwardPass;
import dev.tailor.torch.PackedBatch;
import dev.tailor.train.Objective.Preference;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.MicroBatch.SegmentSum;
import dev.tailor.train.internal.batch.TokenWeights;
import dev.tailor.train.internal.objective.PairMetrics;
import dev.tailor.train.preference.Pair;
import dev.tailor.train.preference.PairTerm;
import dev.tailor.train.preference.Scale;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A preference loss: the mean over pairs. Sequences `2 i` and `2 i + 1` are the chosen and the
/// rejected answer of pair `i`, and segments of a pass come in such couples.
record PairLoss(Preference objective, ReferenceLogProbs reference) implements Loss {
    @Override
    public StepOutcome learn(List<MicroBatch> passes, Forward forward) {
        Totals totals = Totals.of(passes);
        PairMetrics metrics = new PairMetrics();
        List<PairTerm> known = new ArrayList<>();
        if (objective.loss().comparesPairs() && passes.size() > 1) {
            known.addAll(terms(pairs(passes, forward), totals));
        }
        long positions = 0;
        int done = 0;
        for (int i = 0; i < passes.size(); i++) {
            MicroBatch batch = passes.get(i);
            try (ForwardPass pass = forward.run(scored(batch), i)) {
                List<Pair> pairs = pairs(batch, pass.logProbs());
                List<PairTerm> terms =
                        known.isEmpty()
                                ? terms(pairs, totals)
                                : known.subList(done, done + pairs.size());
                add(metrics, pairs, terms);
                pass.backward(coefficients(batch, terms, totals.pairs()));
                done += pairs.size();
            }
            positions += batch.batch().size();
        }
        return new StepOutcome(metrics.meanLoss(), positions, metrics.means(""));
    }

    /// The pairs of all passes, from a pass more than learning needs. Its number is that of the
    /// pass to come, so that dropout falls alike.
    private List<Pair> pairs(List<MicroBatch> passes, Forward forward) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < passes.size(); i++) {
            try (ForwardPass pass = forward.run(scored(passes.get(i)), i)) {
                pairs.addAll(pairs(passes.get(i), pass.logProbs()));
            }
        }
        return pairs;
    }

    /// The loss of held-out pairs taken all together, as if they made one step.
    @Override
    public Map<String, Double> measure(Iterable<MicroBatch> passes, LogProbs logProbs) {
        List<Pair> pairs = new ArrayList<>();
        Totals totals = new Totals(0, 0, 0);
        for (MicroBatch batch : passes) {
            pairs.addAll(pairs(batch, logProbs.of(scored(batch))));
            totals = totals.plus(batch);
        }
        PairMetrics metrics = new PairMetrics();
        add(metrics, pairs, terms(pairs, totals));
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("eval_loss", metrics.meanLoss());
        measured.putAll(metrics.means("eval_"));
        return measured;
    }

    private List<PairTerm> terms(List<Pair> pairs, Totals totals) {
        return objective.loss().terms(pairs, totals.scale(objective.beta()));
    }

    private void add(PairMetrics metrics, List<Pair> pairs, List<PairTerm> terms) {
        for (int i = 0; i < pairs.size(); i++) {
            metrics.add(objective, pairs.get(i), terms.get(i));
        }
    }

    /// What the model has to score: the answers, and their contexts where the loss reads them.
    private PackedBatch scored(MicroBatch batch) {
        return objective.loss().readsPrompt() ? batch.withChosenContexts() : batch.batch();
    }

    private TokenWeights weights() {
        return new TokenWeights(objective.tailWeight());
    }

    private List<Pair> pairs(MicroBatch batch, float[] logProbs) {
        SegmentSum[] sums = batch.sumsPerSegment(logProbs, weights());
        List<Pair> pairs = new ArrayList<>();
        int at = 0;
        for (int s = 0; s < sums.length; s += 2) {
            int middle = at + batch.batch().segmentLengths()[s];
            double prompt = 0;
            for (int i = at; i < middle; i++) {
                // what the model did not score has log-probability 0
                prompt += batch.batch().targets()[i] < 0 ? logProbs[i] : 0;
            }
            pairs.add(new Pair(answer(batch, sums, s), answer(batch, sums, s + 1), prompt));
            at = middle + batch.batch().segmentLengths()[s + 1];
        }
        return pairs;
    }

    private Pair.Answer answer(MicroBatch batch, SegmentSum[] sums, int s) {
        return new Pair.Answer(
                sums[s].sum(),
                reference.ofSequence(batch.sequences()[s]),
                sums[s].count(),
                objective.divergence());
    }

    /// The derivative of the mean loss with respect to every log-probability.
    private float[] coefficients(MicroBatch batch, List<PairTerm> terms, int pairs) {
        PackedBatch packed = batch.batch();
        float[] coefficients = weights().of(batch);
        int at = 0;
        for (int s = 0; s < packed.segmentLengths().length; s += 2) {
            PairTerm term = terms.get(s / 2);
            int middle = at + packed.segmentLengths()[s];
            int end = middle + packed.segmentLengths()[s + 1];
            for (int i = at; i < middle; i++) {
                coefficients[i] =
                        packed.targets()[i] < 0
                                ? (float) (term.promptSlope() / pairs)
                                : (float) (coefficients[i] * (term.chosenSlope() / pairs));
            }
            for (int i = middle; i < end; i++) {
                coefficients[i] = (float) (coefficients[i] * (term.rejectedSlope() / pairs));
            }
            at = end;
        }
        return coefficients;
    }

    /// What a step holds: pairs, tokens of their chosen answers, and predicted tokens of the chosen
    /// conversations as a whole.
    private record Totals(int pairs, long answerTokens, long textTokens) {
        static Totals of(List<MicroBatch> passes) {
            Totals totals = new Totals(0, 0, 0);
            for (MicroBatch pass : passes) {
                totals = totals.plus(pass);
            }
            return totals;
        }

        Totals plus(MicroBatch batch) {
            SegmentSum[] sums = batch.sumsPerSegment(new float[batch.batch().size()]);
            long answers = answerTokens;
            long texts = textTokens;
            for (int s = 0; s < sums.length; s += 2) {
                answers += sums[s].count();
                texts += batch.batch().segmentLengths()[s];
            }
            return new Totals(pairs + sums.length / 2, answers, texts);
        }

        Scale scale(double beta) {
            return new Scale(beta, (double) answerTokens / pairs, (double) textTokens / pairs);
        }
    }
}
