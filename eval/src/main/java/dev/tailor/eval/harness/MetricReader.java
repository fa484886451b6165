package dev.tailor.eval.harness;

import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.eval.internal.harness.Aggregation;
import dev.tailor.eval.internal.harness.AnswerMeasure;
import dev.tailor.eval.internal.harness.CodeTests;
import dev.tailor.eval.internal.harness.CorpusScore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Reads a task's `metric_list`.
final class MetricReader {
    /// The aggregation that a metric has of itself.
    private static final Map<String, String> AGGREGATION =
            Map.ofEntries(
                    Map.entry("acc", "mean"),
                    Map.entry("acc_norm", "mean"),
                    Map.entry("acc_bytes", "mean"),
                    Map.entry("acc_mutual_info", "mean"),
                    Map.entry("exact_match", "mean"),
                    Map.entry("brier_score", "brier_score"),
                    Map.entry("f1", "f1"),
                    Map.entry("mcc", "matthews_corrcoef"),
                    Map.entry("bleu", "bleu"),
                    Map.entry("chrf", "chrf"),
                    Map.entry("ter", "ter"),
                    Map.entry("perplexity", "perplexity"),
                    Map.entry("word_perplexity", "weighted_perplexity"),
                    Map.entry("byte_perplexity", "weighted_perplexity"),
                    Map.entry("bits_per_byte", "bits_per_byte"));

    private static final List<String> LOWER_IS_BETTER =
            List.of(
                    "perplexity",
                    "word_perplexity",
                    "byte_perplexity",
                    "bits_per_byte",
                    "brier_score",
                    "ter");

    private final String task;
    private final OutputType output;

    MetricReader(String task, OutputType output) {
        this.task = task;
        this.output = output;
    }

    List<MetricSpec> read(MappingReader reader) {
        List<MetricSpec> metrics = new ArrayList<>();
        for (YamlNode item : reader.list("metric_list")) {
            metrics.add(metric(MappingReader.of(item, "a metric")));
        }
        if (metrics.isEmpty()) {
            standard().forEach(name -> metrics.add(plain(name)));
        }
        return metrics;
    }

    private List<String> standard() {
        return switch (output) {
            case LOGLIKELIHOOD -> List.of("perplexity", "acc");
            case LOGLIKELIHOOD_ROLLING ->
                    List.of("word_perplexity", "byte_perplexity", "bits_per_byte");
            case MULTIPLE_CHOICE -> List.of("acc", "acc_norm");
            case GENERATE_UNTIL -> List.of("exact_match");
        };
    }

    private static MetricSpec plain(String name) {
        return new MetricSpec(
                name,
                AGGREGATION.getOrDefault(name, "mean"),
                !LOWER_IS_BETTER.contains(name),
                MetricSpec.Ignore.nothing());
    }

    /// The metrics of the reference, those of LoRA Land, and the one that runs code.
    private static Set<String> known() {
        Set<String> known = new TreeSet<>(AGGREGATION.keySet());
        Arrays.stream(AnswerMeasure.values()).forEach(measure -> known.add(measure.id()));
        known.add(CodeTests.METRIC);
        return known;
    }

    /// Whether a metric compares an answer with references.
    private static boolean isOfAnswers(String name) {
        return !AGGREGATION.containsKey(name) || CorpusScore.of(name).isPresent();
    }

    private MetricSpec metric(MappingReader own) {
        String name = MappingReader.text(own.required("metric"), "'metric'");
        if (!known().contains(name)) {
            throw MappingReader.invalid(
                    own.valueLocation("metric"),
                    "the task '%s' needs the metric '%s', which Tailor does not have; known are %s"
                            .formatted(task, name, known()));
        }
        if (isOfAnswers(name) != (output == OutputType.GENERATE_UNTIL)
                && !name.equals("exact_match")) {
            throw MappingReader.invalid(
                    own.valueLocation("metric"),
                    "the metric '%s' of the task '%s' does not go with '%s'"
                            .formatted(name, task, output.id()));
        }
        MetricSpec standard = plain(name);
        String aggregation = own.text("aggregation").orElse(standard.aggregation());
        if (!Aggregation.ids().contains(aggregation)) {
            throw MappingReader.invalid(
                    own.valueLocation("aggregation"),
                    "the task '%s' needs the aggregation '%s'; known are %s"
                            .formatted(task, aggregation, Aggregation.ids()));
        }
        return new MetricSpec(
                name,
                aggregation,
                PythonYaml.truth(own, "higher_is_better").orElse(standard.higherIsBetter()),
                new MetricSpec.Ignore(
                        PythonYaml.truth(own, "ignore_case").orElse(false),
                        PythonYaml.truth(own, "ignore_punctuation").orElse(false),
                        PythonYaml.truth(own, "ignore_numbers").orElse(false),
                        own.texts("regexes_to_ignore")));
    }
}
