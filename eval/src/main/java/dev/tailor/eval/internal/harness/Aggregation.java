package dev.tailor.eval.internal.harness;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// How the values of samples become one figure, and how uncertain it is. A value is one number, or
/// more where the figure needs them: gold and prediction, log-probability and units, what a corpus
/// score adds up.
public enum Aggregation {
    /// Arithmetic mean.
    MEAN("mean"),
    /// Mean of those that are numbers.
    NANMEAN("nanmean"),
    /// The upper median.
    MEDIAN("median"),
    /// Mean of squared distances, which the samples hold already.
    BRIER_SCORE("brier_score"),
    /// F1 of class 1.
    F1("f1"),
    /// Matthews' correlation of gold and prediction.
    MATTHEWS("matthews_corrcoef"),
    /// `exp(-mean)`.
    PERPLEXITY("perplexity"),
    /// `exp(-(sum of log-probabilities) / (sum of units))`.
    WEIGHTED_PERPLEXITY("weighted_perplexity"),
    /// The same as bits.
    BITS_PER_BYTE("bits_per_byte"),
    /// Of the whole set of answers ([CorpusScore]).
    BLEU("bleu"),
    /// Of the whole set of answers.
    CHRF("chrf"),
    /// Of the whole set of answers.
    TER("ter");

    /// Resamples that share one generator, as in the reference.
    private static final int CHUNK = 1000;

    private final String id;

    Aggregation(String id) {
        this.id = id;
    }

    /// The names in task files.
    public static List<String> ids() {
        return Arrays.stream(values()).map(each -> each.id).toList();
    }

    /// The aggregation of a name in task files.
    public static Aggregation of(String id) {
        return Arrays.stream(values())
                .filter(each -> each.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(id));
    }

    /// The figure.
    public double value(double[][] samples) {
        return switch (this) {
            case MEAN, BRIER_SCORE -> sum(samples, 0) / samples.length;
            case NANMEAN -> {
                double[] numbers =
                        Arrays.stream(samples)
                                .mapToDouble(s -> s[0])
                                .filter(v -> !Double.isNaN(v))
                                .toArray();
                yield numbers.length == 0
                        ? Double.NaN
                        : Arrays.stream(numbers).sum() / numbers.length;
            }
            case MEDIAN -> {
                double[] sorted = Arrays.stream(samples).mapToDouble(s -> s[0]).sorted().toArray();
                yield sorted[sorted.length / 2];
            }
            case F1 -> f1(samples);
            case MATTHEWS -> matthews(samples);
            case PERPLEXITY -> Math.exp(-sum(samples, 0) / samples.length);
            case WEIGHTED_PERPLEXITY -> Math.exp(-sum(samples, 0) / sum(samples, 1));
            case BITS_PER_BYTE -> -(sum(samples, 0) / sum(samples, 1)) / Math.log(2);
            case BLEU, CHRF, TER -> CorpusScore.of(id).orElseThrow().of(samples);
        };
    }

    /// The standard error: of the mean by its formula, of others by resampling; empty where the
    /// reference knows none.
    ///
    /// @param resamples a multiple of 1000; fewer are one chunk
    public OptionalDouble standardError(double[][] samples, int resamples) {
        if (samples.length < 2 || resamples <= 0) {
            return OptionalDouble.empty();
        }
        return switch (this) {
            case MEAN ->
                    OptionalDouble.of(
                            deviation(samples, samples.length) / Math.sqrt(samples.length));
            case NANMEAN, MEDIAN, F1, MATTHEWS, PERPLEXITY ->
                    OptionalDouble.of(bootstrap(samples, resamples));
            case BLEU, CHRF, TER ->
                    OptionalDouble.of(
                            bootstrap(samples, Math.min(resamples, CorpusScore.MOST_RESAMPLES)));
            case BRIER_SCORE, WEIGHTED_PERPLEXITY, BITS_PER_BYTE -> OptionalDouble.empty();
        };
    }

    private static double deviation(double[][] samples, int n) {
        double mean = sum(samples, 0) / n;
        double squares = 0;
        for (double[] sample : samples) {
            squares += (sample[0] - mean) * (sample[0] - mean);
        }
        return Math.sqrt(squares / (n - 1));
    }

    private double bootstrap(double[][] samples, int resamples) {
        int chunk = Math.min(CHUNK, resamples);
        double[][] figures = new double[resamples / chunk * chunk][];
        IntStream.range(0, resamples / chunk)
                .parallel()
                .forEach(c -> {
                    PythonRandom random = new PythonRandom(c);
                    int[] drawn = new int[samples.length];
                    double[][] resample = new double[samples.length][];
                    for (int i = 0; i < chunk; i++) {
                        random.choices(samples.length, drawn);
                        for (int j = 0; j < drawn.length; j++) {
                            resample[j] = samples[drawn[j]];
                        }
                        figures[c * chunk + i] = new double[] {value(resample)};
                    }
                });
        return deviation(figures, figures.length);
    }

    private static double sum(double[][] samples, int part) {
        double sum = 0;
        for (double[] sample : samples) {
            sum += sample[part];
        }
        return sum;
    }

    private static double f1(double[][] samples) {
        double both = 0;
        double either = 0;
        for (double[] sample : samples) {
            both += sample[0] == 1 && sample[1] == 1 ? 2 : 0;
            either += (sample[0] == 1 ? 1 : 0) + (sample[1] == 1 ? 1 : 0);
        }
        return either == 0 ? 0 : both / either;
    }

    /// The correlation for any number of classes (Gorodkin 2004).
    private static double matthews(double[][] samples) {
        Map<Double, long[]> counts = new TreeMap<>();
        long right = 0;
        for (double[] sample : samples) {
            counts.computeIfAbsent(sample[0], k -> new long[2])[0]++;
            counts.computeIfAbsent(sample[1], k -> new long[2])[1]++;
            right += sample[0] == sample[1] ? 1 : 0;
        }
        double n = samples.length;
        double cross = 0;
        double gold = 0;
        double predicted = 0;
        for (long[] count : counts.values()) {
            cross += (double) count[0] * count[1];
            gold += (double) count[0] * count[0];
            predicted += (double) count[1] * count[1];
        }
        double scale = Math.sqrt((n * n - gold) * (n * n - predicted));
        return scale == 0 ? 0 : (right * n - cross) / scale;
    }
}
