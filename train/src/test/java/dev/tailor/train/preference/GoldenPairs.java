package dev.tailor.train.preference;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.train.internal.Golden;
import dev.tailor.train.internal.GoldenBatch;
import dev.tailor.train.internal.batch.Sequence;
import dev.tailor.train.preference.Pair.Answer;

import java.util.ArrayList;
import java.util.List;

/// The pairs of the golden preference batch, with their recorded log-probabilities.
final class GoldenPairs {
    private GoldenPairs() {}

    static List<Pair> read(Divergence divergence, boolean withReference) {
        try (Checkpoint file = Checkpoint.open(Golden.file("preference.safetensors"))) {
            List<Sequence> rows =
                    GoldenBatch.read(file, "input_ids", "attention_mask", "completion_mask", 0);
            float[] policy = GoldenBatch.floats(file, "policy_sum_logps");
            float[] reference = GoldenBatch.floats(file, "ref_sum_logps");
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < rows.size(); i++) {
                answers.add(
                        new Answer(
                                policy[i],
                                withReference ? reference[i] : 0,
                                rows.get(i).trainedTokens(),
                                divergence));
            }
            int pairs = rows.size() / 2;
            List<Pair> read = new ArrayList<>();
            for (int i = 0; i < pairs; i++) {
                read.add(new Pair(answers.get(i), answers.get(pairs + i)));
            }
            return read;
        }
    }

    static List<Pair> read() {
        return read(new Divergence.ReverseKl(), true);
    }

    static Scale scale(double beta) {
        double tokens =
                read().stream().mapToInt(pair -> pair.chosen().tokens()).average().orElseThrow();
        return new Scale(beta, tokens, tokens + 4);
    }

    static double meanLoss(PreferenceLoss loss, double beta, List<Pair> pairs) {
        return loss.terms(pairs, scale(beta)).stream()
                .mapToDouble(PairTerm::loss)
                .average()
                .orElseThrow();
    }
}
