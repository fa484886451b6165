package dev.tailor.workflow.model;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.Score;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.PackedBatch;
import dev.tailor.torch.TokenScores;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Scores token sequences many at a time: sequences of similar length are packed end to end, so
/// that nothing is computed for padding.
public final class TokenScoring {
    /// Positions of one pass; bounds the memory of activations.
    private static final int PASS_POSITIONS = 4096;

    private final CausalModel model;
    private final Cancellation cancellation;

    /// Scores with this model and its adapter, if it has one that is enabled. `cancellation` is
    /// looked at before every pass.
    public TokenScoring(CausalModel model, Cancellation cancellation) {
        this.model = model;
        this.cancellation = cancellation;
    }

    /// The score of each sequence's tokens after its context, in order.
    public List<Score> score(List<TokenSequence> sequences) {
        Score[] scores = new Score[sequences.size()];
        Arrays.fill(scores, Score.of(new float[0], true));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < sequences.size(); i++) {
            if (sequences.get(i).scored() > 0) {
                order.add(i);
            }
        }
        order.sort(Comparator.comparingInt(i -> sequences.get(i).tokens().length));
        List<Integer> pass = new ArrayList<>();
        int positions = 0;
        for (int index : order) {
            int length = sequences.get(index).tokens().length;
            if (!pass.isEmpty() && positions + length > PASS_POSITIONS) {
                run(sequences, pass, scores);
                pass.clear();
                positions = 0;
            }
            pass.add(index);
            positions += length;
        }
        if (!pass.isEmpty()) {
            run(sequences, pass, scores);
        }
        return List.of(scores);
    }

    private void run(List<TokenSequence> sequences, List<Integer> pass, Score[] scores) {
        cancellation.check();
        PackedBatch batch = batch(pass.stream().map(sequences::get).toList());
        TokenScores result = model.scores(batch);
        int start = 0;
        for (int index : pass) {
            TokenSequence sequence = sequences.get(index);
            float[] logProbs = new float[sequence.scored()];
            boolean greedy = true;
            for (int i = 0; i < logProbs.length; i++) {
                int position = start + sequence.firstScored() - 1 + i;
                logProbs[i] = result.logProbs()[position];
                if (Float.isNaN(logProbs[i])) {
                    throw TailorException.of(
                                    ErrorCode.MODEL_INVALID,
                                    "the model's log-probabilities are not numbers (NaN)")
                            .remedy("its weights are damaged, or its training diverged");
                }
                greedy &= result.likeliest()[position] == batch.targets()[position];
            }
            scores[index] = Score.of(logProbs, greedy);
            start += sequence.tokens().length;
        }
    }

    /// The sequences end to end, each position from the last of its context on predicting the next
    /// token.
    public static PackedBatch batch(List<TokenSequence> sequences) {
        int length = sequences.stream().mapToInt(s -> s.tokens().length).sum();
        int[] tokens = new int[length];
        int[] targets = new int[length];
        Arrays.fill(targets, PackedBatch.IGNORED);
        int start = 0;
        for (TokenSequence sequence : sequences) {
            int n = sequence.tokens().length;
            System.arraycopy(sequence.tokens(), 0, tokens, start, n);
            for (int i = sequence.firstScored(); i < n; i++) {
                targets[start + i - 1] = sequence.tokens()[i];
            }
            start += n;
        }
        return new PackedBatch(
                tokens, sequences.stream().mapToInt(s -> s.tokens().length).toArray(), targets);
    }
}
