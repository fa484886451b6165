package dev.tailor.eval;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Keeps what a model reached in a directory:
///
/// - `results.json`: the figures as lm-evaluation-harness names them (`"exact_match,none"`,
///   `"exact_match_stderr,none"`), with the same surrounding keys
/// - `samples_TASK.jsonl`: one line per sample: what was asked, expected, answered, and its figures
/// - `evaluation.json`: everything, to be read again by [#read]
public final class ResultStore {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ResultStore() {}

    /// Writes a model's results into `directory`, which is made if need be.
    public static void write(Path directory, ModelResult result) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw AtomicWrite.failure(directory, e);
        }
        for (TaskResult task : result.tasks()) {
            AtomicWrite.text(directory.resolve(samplesName(task.task())), sampleLines(task));
        }
        AtomicWrite.text(directory.resolve("evaluation.json"), everything(result).toString());
        AtomicWrite.text(
                directory.resolve("results.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(harnessResults(result))
                        + "\n");
    }

    /// Reads what [#write] wrote.
    public static ModelResult read(Path directory) {
        Path file = directory.resolve("evaluation.json");
        try {
            JsonNode root = JSON.readTree(Files.readString(file));
            List<TaskResult> tasks = new ArrayList<>();
            root.path("tasks").forEach(task -> tasks.add(task(task)));
            return new ModelResult(root.path("model").stringValue(), tasks);
        } catch (IOException | JacksonException e) {
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT, "cannot read results: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    /// The figures in lm-evaluation-harness's shape.
    public static ObjectNode harnessResults(ModelResult result) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode results = root.putObject("results");
        ObjectNode higherIsBetter = root.putObject("higher_is_better");
        ObjectNode sampleCounts = root.putObject("n-samples");
        double seconds = 0;
        for (TaskResult task : result.tasks()) {
            ObjectNode figures = results.putObject(task.task()).put("alias", task.task());
            ObjectNode directions = higherIsBetter.putObject(task.task());
            for (Metric metric : task.metrics()) {
                figures.put(metric.name() + ",none", metric.value());
                if (metric.standardError().isPresent()) {
                    figures.put(
                            metric.name() + "_stderr,none", metric.standardError().getAsDouble());
                } else {
                    figures.put(metric.name() + "_stderr,none", "N/A");
                }
                directions.put(metric.name(), metric.higherIsBetter());
            }
            sampleCounts
                    .putObject(task.task())
                    .put("original", task.samples().size())
                    .put("effective", task.samples().size());
            seconds += task.seconds();
        }
        root.putObject("config").put("model", "tailor").put("model_args", result.model());
        root.put("model_name", result.model());
        root.put("total_evaluation_time_seconds", String.valueOf(seconds));
        return root;
    }

    private static String samplesName(String task) {
        return "samples_" + task.replaceAll("[^\\w.-]", "_") + ".jsonl";
    }

    private static String sampleLines(TaskResult task) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < task.samples().size(); i++) {
            GradedSample sample = task.samples().get(i);
            ObjectNode line = JSON.createObjectNode();
            line.put("doc_id", i);
            line.putObject("doc").put("id", sample.id());
            line.put("target", sample.references().isEmpty() ? "" : sample.references().getFirst());
            line.putObject("arguments").putObject("gen_args_0").put("arg_0", sample.prompt());
            line.putArray("resps").addArray().add(sample.answer());
            line.putArray("filtered_resps").add(sample.answer());
            line.put("filter", "none");
            ArrayNode metrics = line.putArray("metrics");
            sample.values().keySet().forEach(metrics::add);
            line.put("doc_hash", Digest.ofString(sample.id()));
            line.put("prompt_hash", Digest.ofString(sample.prompt()));
            line.put("target_hash", Digest.ofString(String.join("\0", sample.references())));
            sample.values().forEach(line::put);
            lines.append(line).append('\n');
        }
        return lines.toString();
    }

    private static ObjectNode everything(ModelResult result) {
        ObjectNode root = JSON.createObjectNode().put("model", result.model());
        ArrayNode tasks = root.putArray("tasks");
        for (TaskResult task : result.tasks()) {
            ObjectNode node = tasks.addObject().put("task", task.task());
            node.put("seconds", task.seconds());
            ArrayNode metrics = node.putArray("metrics");
            for (Metric metric : task.metrics()) {
                ArrayNode influence =
                        metrics.addObject()
                                .put("name", metric.name())
                                .put("value", metric.value())
                                .put("higher_is_better", metric.higherIsBetter())
                                .putArray("influence");
                for (double value : metric.influence()) {
                    influence.add(value);
                }
            }
            ArrayNode samples = node.putArray("samples");
            for (GradedSample sample : task.samples()) {
                ObjectNode line =
                        samples.addObject()
                                .put("id", sample.id())
                                .put("prompt", sample.prompt())
                                .put("answer", sample.answer());
                ArrayNode references = line.putArray("references");
                sample.references().forEach(references::add);
                ObjectNode values = line.putObject("values");
                sample.values().forEach(values::put);
            }
        }
        return root;
    }

    private static TaskResult task(JsonNode node) {
        List<Metric> metrics = new ArrayList<>();
        for (JsonNode metric : node.path("metrics")) {
            JsonNode influence = metric.path("influence");
            double[] values = new double[influence.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = influence.get(i).doubleValue();
            }
            metrics.add(
                    new Metric(
                            metric.path("name").stringValue(),
                            metric.path("value").doubleValue(),
                            values,
                            metric.path("higher_is_better").booleanValue()));
        }
        List<GradedSample> samples = new ArrayList<>();
        for (JsonNode sample : node.path("samples")) {
            List<String> references = new ArrayList<>();
            sample.path("references").forEach(r -> references.add(r.stringValue()));
            Map<String, Double> values = new LinkedHashMap<>();
            sample.path("values").forEachEntry((k, v) -> values.put(k, v.doubleValue()));
            samples.add(
                    new GradedSample(
                            sample.path("id").stringValue(),
                            sample.path("prompt").stringValue(),
                            references,
                            sample.path("answer").stringValue(),
                            values));
        }
        return new TaskResult(
                node.path("task").stringValue(),
                metrics,
                samples,
                node.path("seconds").doubleValue());
    }
}
