package dev.tailor.eval.harness;

import dev.tailor.eval.GradedSample;
import dev.tailor.eval.Metric;
import dev.tailor.eval.TaskResult;
import dev.tailor.eval.harness.HarnessResult.Figure;
import dev.tailor.eval.internal.harness.CorpusScore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A harness task's result as a board shows it, beside tasks of other kinds.
public final class BoardEntry {
    private BoardEntry() {}

    /// The result under a title.
    public static TaskResult of(String title, HarnessResult result) {
        List<Metric> metrics = new ArrayList<>();
        for (Figure figure : result.figures()) {
            metrics.add(metric(figure, result));
        }
        List<GradedSample> samples = new ArrayList<>();
        for (GradedQuestion question : result.samples()) {
            samples.add(sample(question));
        }
        return new TaskResult(title, metrics, samples, result.seconds());
    }

    private static String name(String metric, String filter) {
        return filter.equals("none") ? metric : metric + "," + filter;
    }

    private static Metric metric(Figure figure, HarnessResult result) {
        String aggregation =
                result.task().grading().metrics().stream()
                        .filter(spec -> spec.name().equals(figure.metric()))
                        .map(MetricSpec::aggregation)
                        .findFirst()
                        .orElse("");
        double[] first = part(figure, result, 0);
        String name = name(figure.metric(), figure.filter());
        double[] ones = new double[first.length];
        java.util.Arrays.fill(ones, 1);
        return switch (aggregation) {
            case "mean" -> Metric.mean(name, first, figure.higherIsBetter());
            case "perplexity" -> Metric.perplexity(name, first, ones);
            case "weighted_perplexity" -> Metric.perplexity(name, first, part(figure, result, 1));
            case "bits_per_byte" ->
                    Metric.ratio(name, first, part(figure, result, 1), -1 / Math.log(2));
            default -> new Metric(name, figure.value(), new double[0], figure.higherIsBetter());
        };
    }

    private static double[] part(Figure figure, HarnessResult result, int part) {
        return result.samples().stream()
                .map(question -> question.graded().get(figure.filter()))
                .filter(java.util.Objects::nonNull)
                .map(graded -> graded.values().get(figure.metric()))
                .filter(java.util.Objects::nonNull)
                .mapToDouble(value -> value[Math.min(part, value.length - 1)])
                .toArray();
    }

    /// An item's own figure; of a corpus score, that of the item alone.
    private static double figure(String metric, double[] value) {
        return CorpusScore.of(metric).map(score -> score.score(value)).orElse(value[0]);
    }

    private static GradedSample sample(GradedQuestion question) {
        Map<String, Double> values = new LinkedHashMap<>();
        question.graded()
                .forEach((filter, graded) ->
                        graded.values()
                                .forEach((metric, value) ->
                                        values.put(name(metric, filter), figure(metric, value))));
        List<String> texts = question.replies().getFirst().texts();
        return new GradedSample(
                question.row().origin().toString(),
                question.asked().getFirst().context(),
                List.of(RowReader.python(question.target())),
                texts.isEmpty() ? likeliest(question) : texts.getFirst(),
                values);
    }

    private static String likeliest(GradedQuestion question) {
        int best = 0;
        for (int i = 1; i < question.replies().size(); i++) {
            if (question.replies().get(i).logProb() > question.replies().get(best).logProb()) {
                best = i;
            }
        }
        return question.replies().size() == 1 ? "" : question.asked().get(best).continuation();
    }
}
