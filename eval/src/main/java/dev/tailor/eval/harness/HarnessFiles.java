package dev.tailor.eval.harness;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Digest;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// Writes results as lm-evaluation-harness does: `results_TIME.json` and, for each task,
/// `samples_TASK_TIME.jsonl`.
public final class HarnessFiles {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSSSSS");

    private HarnessFiles() {}

    /// Writes the results of one model.
    ///
    /// @param time stands in the names of the files
    public static void write(
            Path directory,
            String model,
            List<HarnessResult> results,
            Groups groups,
            LocalDateTime time) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw AtomicWrite.failure(directory, e);
        }
        String stamp = TIME.format(time);
        for (HarnessResult result : results) {
            AtomicWrite.text(
                    directory.resolve(
                            "samples_" + safe(result.task().name()) + "_" + stamp + ".jsonl"),
                    SampleLines.of(result));
        }
        AtomicWrite.text(
                directory.resolve("results_" + stamp + ".json"),
                JSON.writerWithDefaultPrettyPrinter()
                                .writeValueAsString(json(model, results, groups, time))
                        + "\n");
    }

    private static String safe(String name) {
        return name.replaceAll("[^\\w.-]", "_");
    }

    private static ObjectNode json(
            String model, List<HarnessResult> results, Groups groups, LocalDateTime time) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode figures = root.putObject("results");
        ObjectNode subtasks = JSON.createObjectNode();
        ObjectNode configs = JSON.createObjectNode();
        ObjectNode versions = JSON.createObjectNode();
        ObjectNode shots = JSON.createObjectNode();
        ObjectNode directions = JSON.createObjectNode();
        ObjectNode counts = JSON.createObjectNode();
        ObjectNode hashes = JSON.createObjectNode();
        ArrayNode notes = JSON.createArrayNode();
        double seconds = 0;
        for (HarnessResult result : results) {
            String name = result.task().name();
            figures(figures.putObject(name).put("alias", name), result.figures());
            subtasks.putArray(name);
            configs.set(name, JSON.valueToTree(result.task().resolved()));
            versions.set(name, JSON.valueToTree(result.task().grading().version()));
            shots.put(name, result.shots());
            ObjectNode direction = directions.putObject(name);
            result.figures().forEach(f -> direction.put(f.metric(), f.higherIsBetter()));
            counts.putObject(name)
                    .put("original", result.original())
                    .put("effective", result.samples().size());
            hashes.put(name, taskHash(result));
            result.notes().forEach(note -> notes.add(name + ": " + note));
            seconds += result.seconds();
        }
        ObjectNode groupFigures = JSON.createObjectNode();
        for (Groups.Mean mean : groups.means()) {
            ObjectNode node = groupFigures.putObject(mean.group().name());
            figures(node.put("alias", mean.group().name()), mean.figures());
            figures.set(mean.group().name(), node.deepCopy());
            ArrayNode members = subtasks.putArray(mean.group().name());
            mean.group().members().forEach(members::add);
        }
        if (!groupFigures.isEmpty()) {
            root.set("groups", groupFigures);
        }
        root.set("group_subtasks", subtasks);
        root.set("configs", configs);
        root.set("versions", versions);
        root.set("n-shot", shots);
        root.set("higher_is_better", directions);
        root.set("n-samples", counts);
        root.putObject("config").put("model", "tailor").put("model_args", "pretrained=" + model);
        root.put("date", time.toEpochSecond(ZoneOffset.UTC));
        root.set("task_hashes", hashes);
        root.set("notes", notes);
        root.put("model_source", "tailor");
        root.put("model_name", model);
        root.put("model_name_sanitized", model.replaceAll("[\"<>:/|\\\\?*\\[\\]]+", "__"));
        root.put("total_evaluation_time_seconds", String.valueOf(seconds));
        return root;
    }

    private static void figures(ObjectNode node, List<HarnessResult.Figure> figures) {
        for (HarnessResult.Figure figure : figures) {
            node.put(figure.key(), figure.value());
            if (figure.standardError().isPresent()) {
                node.put(figure.errorKey(), figure.standardError().getAsDouble());
            } else {
                node.put(figure.errorKey(), "N/A");
            }
        }
    }

    private static String taskHash(HarnessResult result) {
        StringBuilder asked = new StringBuilder();
        result.samples()
                .forEach(sample ->
                        sample.asked().forEach(a -> asked.append(a.context()).append('\0')));
        return Digest.ofString(asked.toString());
    }

    /// A plain value as JSON.
    static JsonNode tree(Object value) {
        return JSON.valueToTree(value);
    }
}
