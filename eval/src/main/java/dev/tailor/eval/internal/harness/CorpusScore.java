package dev.tailor.eval.internal.harness;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;

/// Scores of a whole set of answers beside their references, from 0 to 100 (TER: from 0 on), as
/// sacrebleu computes them with its defaults. Each answer gives numbers that are added up over all
/// answers; the score is a function of the sums.
public enum CorpusScore {
    /// BLEU of 1- to 4-grams (Papineni et al. 2002).
    BLEU("bleu", Bleu::statistics, Bleu::score),
    /// chrF2 of 1- to 6-grams of characters (Popović 2015).
    CHRF("chrf", Chrf::statistics, Chrf::score),
    /// Translation edit rate (Snover et al. 2006); less is better.
    TER("ter", EditRate::statistics, EditRate::score);

    /// The reference resamples these no more often.
    static final int MOST_RESAMPLES = 100;

    private final String id;
    private final BiFunction<String, List<String>, double[]> statistics;
    private final ToDoubleFunction<double[]> score;

    CorpusScore(
            String id,
            BiFunction<String, List<String>, double[]> statistics,
            ToDoubleFunction<double[]> score) {
        this.id = id;
        this.statistics = statistics;
        this.score = score;
    }

    /// The name in task files.
    public String id() {
        return id;
    }

    /// The score of a name in task files.
    public static Optional<CorpusScore> of(String id) {
        return Arrays.stream(values()).filter(score -> score.id.equals(id)).findFirst();
    }

    /// What an answer adds.
    ///
    /// @param references at least one; which of several counts is the metric's own choice
    public double[] statistics(String answer, List<String> references) {
        return statistics.apply(answer, references);
    }

    /// The score of added-up numbers.
    public double score(double[] sums) {
        return score.applyAsDouble(sums);
    }

    /// The score of several answers' numbers.
    double of(double[][] samples) {
        double[] sums = new double[samples[0].length];
        for (double[] sample : samples) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += sample[i];
            }
        }
        return score(sums);
    }
}
