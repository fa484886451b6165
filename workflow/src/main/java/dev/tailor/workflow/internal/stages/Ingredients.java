package dev.tailor.workflow.internal.stages;

import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeChain;
import dev.tailor.workflow.internal.keys.YamlWriter;
import dev.tailor.workflow.recipe.ModelReference;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.recipe.Stage;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Everything a stage's result depends on, by name: its settings as they are, its models, data and
/// files by their digests, and the version of this program. Names of models, data sets and files do
/// not count where only their content does.
public record Ingredients(Map<String, String> values) {
    /// The version that results are made by; results of another version are not reused.
    public static final String VERSION = "0.1.0";

    /// Settings that only say where something is, which counts by its digest, or that change
    /// nothing about the result.
    private static final Set<String> UNCOUNTED =
            Set.of(
                    "from",
                    "data",
                    "evaluation",
                    "tokenizer-from",
                    "file",
                    "models",
                    "base",
                    "on",
                    "teacher",
                    "samples");

    /// Where what a teacher said is kept; with the teacher at hand, it only saves asking again.
    private static final List<String> STORE = List.of("teaching", "offline", "store");

    /// Settings of stages below which a file is named.
    private static final List<List<String>> FILES =
            List.of(
                    List.of("file"),
                    List.of("tune", "lora", "continue-from"),
                    List.of("tune", "qlora", "continue-from"),
                    List.of("tune", "spectrum", "file"),
                    List.of("tokenizer", "chat-template"),
                    STORE);

    /// The ingredients of a stage whose models are all there.
    public static Ingredients of(Stage stage, Workspace workspace) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("tailor", VERSION);
        values.put("kind", stage.kind());
        models(stage, workspace, values);
        data(stage, workspace, values);
        files(stage, workspace.recipe())
                .forEach((key, path) ->
                        values.put("file." + key, digest(path, stage, key, workspace)));
        seed(stage, values);
        settings(stage, values);
        return new Ingredients(values);
    }

    /// The digest of all of them.
    public String key() {
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
        return Digest.ofString(text.toString());
    }

    /// What differs from the ingredients that an earlier result was made from, in words.
    public List<String> changesSince(Map<String, String> earlier) {
        List<String> changes = new ArrayList<>();
        values.forEach((name, value) -> {
            String was = earlier.get(name);
            if (was == null) {
                changes.add(words(name) + " is new");
            } else if (!was.equals(value)) {
                changes.add(
                        name.startsWith("settings.") || name.equals("seed") || name.equals("tailor")
                                ? words(name) + " changed from " + was + " to " + value
                                : words(name) + " changed");
            }
        });
        earlier.keySet().stream()
                .filter(name -> !values.containsKey(name))
                .forEach(name -> changes.add(words(name) + " is gone"));
        return changes;
    }

    /// The same of what the user has in hand: settings, data and files. Models that other stages
    /// make change with those, and the version with the program.
    List<String> ownChangesSince(Map<String, String> earlier) {
        Map<String, String> own = new LinkedHashMap<>(values);
        Map<String, String> before = new LinkedHashMap<>(earlier);
        for (Map<String, String> each : List.of(own, before)) {
            each.keySet().removeIf(name -> name.startsWith("model.") || name.equals("tailor"));
        }
        return new Ingredients(own).changesSince(before);
    }

    private static String words(String name) {
        int dot = name.indexOf('.');
        if (dot < 0) {
            return name;
        }
        String rest = name.substring(dot + 1);
        return switch (name.substring(0, dot)) {
            case "model" -> "the model '" + rest + "'";
            case "data" -> "the data '" + rest + "'";
            case "file" -> "the file of '" + rest + "'";
            default -> "'" + rest + "'";
        };
    }

    private static void models(Stage stage, Workspace workspace, Map<String, String> values) {
        switch (stage) {
            // A gate reads boards, not models.
            case Stage.Gate gate -> {
                GateStage.boards(gate, workspace)
                        .forEach((id, board) ->
                                values.put("board." + id, workspace.digests().ofFile(board)));
                gate.release()
                        .ifPresent(folder ->
                                values.put(
                                        "file.release",
                                        workspace
                                                .digests()
                                                .ofFile(folder.resolve("evaluation.json"))));
            }
            case Stage.Training training -> {
                values.put("model.from", digest(training.lesson().from(), stage, workspace));
                training.teacher()
                        .ifPresent(teacher ->
                                values.put(
                                        "model.teacher",
                                        workspace
                                                .models()
                                                .digest(
                                                        teacher,
                                                        stage.heading().place("teacher"))));
            }
            case Stage.Export export ->
                    values.put("model.from", digest(export.from(), stage, workspace));
            case Stage.Init init ->
                    init.tokenizerFrom()
                            .ifPresent(model ->
                                    values.put("model.tokenizer", digest(model, stage, workspace)));
            case Stage.Merge merge ->
                    merge.references()
                            .forEach((name, model) ->
                                    values.put("model." + name, digest(model, stage, workspace)));
            case Stage.Eval eval -> {
                for (ModelReference model : eval.models()) {
                    values.put("model." + model.text(), digest(model, stage, workspace));
                }
                values.put("settings.base", eval.base().text());
            }
        }
    }

    private static String digest(ModelReference model, Stage stage, Workspace workspace) {
        return workspace.models().digest(model, stage.heading().place("from"));
    }

    private static void data(Stage stage, Workspace workspace, Map<String, String> values) {
        for (String name : stage.data()) {
            values.put("data." + name, workspace.data().digest(name));
        }
        if (stage instanceof Stage.Training training) {
            training.lesson()
                    .evaluation()
                    .ifPresent(name -> values.put("settings.evaluation", name));
            values.put("settings.data", String.join(", ", training.lesson().data()));
        }
    }

    /// The files that a stage's settings name, by the setting.
    static Map<String, Path> files(Stage stage, Recipe recipe) {
        Map<String, Path> files = new LinkedHashMap<>();
        boolean asks = stage instanceof Stage.Training training && training.teacher().isPresent();
        for (List<String> path : FILES) {
            if (asks && path.equals(STORE)) {
                continue;
            }
            Object value = stage.heading().settings();
            for (String step : path) {
                value =
                        value instanceof Map<?, ?> map && map.containsKey(step)
                                ? map.get(step)
                                : "";
            }
            if (value instanceof String text && !text.isEmpty() && !text.equals("chatml")) {
                files.put(String.join(".", path), recipe.directory().resolve(text).normalize());
            }
        }
        return files;
    }

    private static String digest(Path path, Stage stage, String key, Workspace workspace) {
        requireFile(path, stage, key);
        return Files.isDirectory(path)
                ? workspace.digests().ofModel(path)
                : workspace.digests().ofFile(path);
    }

    static void requireFile(Path path, Stage stage, String key) {
        if (!Files.exists(path)) {
            String first = key.contains(".") ? key.substring(0, key.indexOf('.')) : key;
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "there is no " + path)
                    .at(stage.heading().place(first))
                    .remedy("relative paths start from the recipe's directory");
        }
    }

    private static void seed(Stage stage, Map<String, String> values) {
        switch (stage) {
            case Stage.Init init -> values.put("seed", Long.toString(init.seed()));
            case Stage.Training training ->
                    values.put("seed", Long.toString(training.lesson().seed()));
            case Stage.Merge merge -> values.put("seed", Long.toString(merge.seed()));
            case Stage.Eval eval -> {}
            case Stage.Gate gate -> {}
            case Stage.Export export -> {}
        }
    }

    /// The merge; of a chain every merge, by name.
    private static Object plain(Stage.Merge merge) {
        Map<String, Object> merges = new LinkedHashMap<>();
        for (MergeChain.Link link : merge.chain().links()) {
            Object plain = link.config().source().plain();
            merges.put(link.name(), plain == null ? "" : plain);
        }
        return merges.size() == 1 ? merges.values().iterator().next() : merges;
    }

    private static void settings(Stage stage, Map<String, String> values) {
        if (stage instanceof Stage.Merge merge) {
            values.put("settings.config", YamlWriter.flow(plain(merge)));
            return;
        }
        stage.heading()
                .settings()
                .forEach((name, value) -> {
                    if (!UNCOUNTED.contains(name) && !name.equals("seed")) {
                        values.put("settings." + name, YamlWriter.flow(withoutStore(value)));
                    }
                });
    }

    /// A setting without the place of a store.
    private static Object withoutStore(Object value) {
        if (!(value instanceof Map<?, ?> map)
                || !(map.get(STORE.get(1)) instanceof Map<?, ?> offline)) {
            return value;
        }
        Map<Object, Object> kept = new LinkedHashMap<>(offline);
        kept.remove(STORE.getLast());
        return Map.of(STORE.get(1), kept);
    }
}
