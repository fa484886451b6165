package dev.tailor.eval.report;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.Metric;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.ResultStore;
import dev.tailor.eval.TaskResult;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Finds what evaluations have left behind: `evaluation.json` of Tailor (with every item), else
/// `results*.json` in the shape of lm-evaluation-harness (figures alone).
///
/// @param results one for each model, in the order of the files' names
/// @param time when the newest of the files was written
public record ResultFiles(List<ModelResult> results, Instant time) {
    private static final int DEPTH = 6;
    private static final String ITEMS = "evaluation.json";

    /// The results in a file, or below a directory.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` if there are none; `FILE_CORRUPT`
    public static ResultFiles below(Path place) {
        List<Path> files = files(place);
        List<Path> withItems =
                files.stream().filter(f -> String.valueOf(f.getFileName()).equals(ITEMS)).toList();
        List<ModelResult> results = new ArrayList<>();
        Instant newest = Instant.EPOCH;
        for (Path file : withItems.isEmpty() ? files : withItems) {
            add(results, withItems.isEmpty() ? figures(file) : ResultStore.read(folder(file)));
            Instant written = written(file);
            newest = written.isAfter(newest) ? written : newest;
        }
        if (results.isEmpty()) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "there are no results")
                    .at(place)
                    .remedy(
                            "name what --out of tailor eval or a run has written: a directory with"
                                    + " evaluation.json, or a results file");
        }
        return new ResultFiles(results, newest);
    }

    /// The categories of tasks that an experiment below a place names (`loraland.json`).
    public static Map<String, String> categories(Path place) {
        Path file = place.resolve("loraland.json");
        Map<String, String> categories = new LinkedHashMap<>();
        if (Files.isRegularFile(file)) {
            try {
                JsonNode root = JsonMapper.shared().readTree(Files.readString(file));
                for (JsonNode task : root.path("tasks")) {
                    categories.put(
                            task.path("task").stringValue(""),
                            task.path("category").stringValue(GainBoard.OTHER));
                }
            } catch (IOException | JacksonException e) {
                throw TailorException.of(
                                ErrorCode.FILE_CORRUPT, "cannot read it: " + e.getMessage())
                        .at(file)
                        .causedBy(e);
            }
        }
        return categories;
    }

    /// A model that was measured in several places has the tasks of all of them.
    private static void add(List<ModelResult> results, ModelResult more) {
        for (int i = 0; i < results.size(); i++) {
            ModelResult known = results.get(i);
            if (known.model().equals(more.model())) {
                Map<String, TaskResult> tasks = new LinkedHashMap<>();
                known.tasks().forEach(task -> tasks.put(task.task(), task));
                more.tasks().forEach(task -> tasks.put(task.task(), task));
                results.set(i, new ModelResult(known.model(), List.copyOf(tasks.values())));
                return;
            }
        }
        results.add(more);
    }

    private static Path folder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null ? Path.of("").toAbsolutePath() : folder;
    }

    private static List<Path> files(Path place) {
        if (Files.isRegularFile(place)) {
            return List.of(place);
        }
        try (Stream<Path> walk = Files.walk(place, DEPTH)) {
            return walk.filter(
                            file -> {
                                String name = String.valueOf(file.getFileName());
                                return name.equals(ITEMS) || name.matches("results(_.*)?\\.json");
                            })
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "there is no such directory")
                    .at(place)
                    .causedBy(e);
        }
    }

    private static Instant written(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read the file")
                    .at(file)
                    .causedBy(e);
        }
    }

    /// The figures of a results file: `{"results": {task: {"acc,none": 0.5, ...}}, "model_name"}`.
    private static ModelResult figures(Path file) {
        try {
            JsonNode root = JsonMapper.shared().readTree(Files.readString(file));
            if (!root.path("results").isObject()) {
                throw TailorException.of(ErrorCode.FILE_CORRUPT, "there are no 'results' in it")
                        .at(file);
            }
            List<TaskResult> tasks = new ArrayList<>();
            root.path("results")
                    .forEachEntry((task, figures) ->
                            tasks.add(
                                    new TaskResult(
                                            task,
                                            metrics(
                                                    figures,
                                                    root.path("higher_is_better").path(task)),
                                            List.of(),
                                            0)));
            return new ModelResult(
                    root.path("model_name").stringValue(String.valueOf(file.getFileName())), tasks);
        } catch (IOException | JacksonException e) {
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT, "cannot read results: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    private static List<Metric> metrics(JsonNode figures, JsonNode directions) {
        List<Metric> metrics = new ArrayList<>();
        figures.forEachEntry((key, value) -> {
            String name = key.replaceFirst(",.*", "");
            if (key.contains(",") && !name.endsWith("_stderr") && value.isNumber()) {
                metrics.add(
                        new Metric(
                                key.endsWith(",none") ? name : key,
                                value.doubleValue(),
                                new double[0],
                                directions.path(name).booleanValue(true)));
            }
        });
        return metrics;
    }
}
