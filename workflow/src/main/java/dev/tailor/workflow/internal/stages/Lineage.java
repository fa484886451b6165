package dev.tailor.workflow.internal.stages;

import dev.tailor.core.AtomicWrite;
import dev.tailor.workflow.internal.keys.YamlWriter;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.Store;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes where a model comes from: `tailor.json` for programs and `README.md`, the model card, for
/// people. Both come out the same whenever the stage is run.
///
/// A merge has written both already, with what only it knows: checksums of all tensors read, the
/// licences of the parents. That is kept, and what the recipe knows is added.
public final class Lineage {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Lineage() {}

    /// Writes both into the directory of a stage's result.
    public static void write(
            Path result, Recipe recipe, Stage stage, Ingredients ingredients, Outcome outcome) {
        Path json = result.resolve("tailor.json");
        Path card = result.resolve("README.md");
        Map<String, Object> lineage = lineage(recipe, stage, ingredients, outcome);
        String start = front(recipe, stage);
        if (stage instanceof Stage.Merge) {
            lineage.put("merge", JSON.readTree(text(json)));
            start = text(card) + "\n";
        }
        AtomicWrite.text(json, Store.json(lineage));
        if (stage.makesModel()) {
            AtomicWrite.text(card, start + rest(stage, ingredients, outcome));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> lineage(
            Recipe recipe, Stage stage, Ingredients ingredients, Outcome outcome) {
        Map<String, Object> lineage = new LinkedHashMap<>();
        lineage.put("recipe", recipe.name());
        lineage.put("stage", stage.id());
        lineage.put("kind", stage.kind());
        lineage.put("key", ingredients.key());
        lineage.put("parents", parents(stage, ingredients));
        lineage.put("data", digests(ingredients, "data."));
        lineage.put("files", digests(ingredients, "file."));
        lineage.put("seed", ingredients.values().getOrDefault("seed", ""));
        lineage.put("settings", stage.heading().settings());
        lineage.put("versions", Map.of("tailor", Ingredients.VERSION));
        lineage.put("metrics", outcome.lasting());
        return lineage;
    }

    /// The models by the names that the recipe has for them.
    private static List<Map<String, String>> parents(Stage stage, Ingredients ingredients) {
        List<Map<String, String>> parents = digests(ingredients, "model.");
        Map<String, Object> settings = stage.heading().settings();
        parents.forEach(parent ->
                parent.replaceAll((key, name) ->
                        name.equals("from") || name.equals("teacher")
                                ? String.valueOf(settings.get(name))
                                : name));
        return parents;
    }

    private static List<Map<String, String>> digests(Ingredients ingredients, String prefix) {
        List<Map<String, String>> digests = new ArrayList<>();
        ingredients
                .values()
                .forEach((name, value) -> {
                    if (name.startsWith(prefix)) {
                        Map<String, String> entry = new LinkedHashMap<>();
                        entry.put("name", name.substring(prefix.length()));
                        entry.put("sha256", value);
                        digests.add(entry);
                    }
                });
        return digests;
    }

    private static String front(Recipe recipe, Stage stage) {
        return """
        ---
        library_name: transformers
        pipeline_tag: text-generation
        tags:
        - tailor
        - %s
        ---

        # %s: %s

        %s

        """
                .formatted(stage.kind(), recipe.name(), stage.id(), made(stage));
    }

    private static String rest(Stage stage, Ingredients ingredients, Outcome outcome) {
        StringBuilder card = new StringBuilder();
        table(card, "Models it comes from", "model", parents(stage, ingredients));
        table(card, "Data", "data set", digests(ingredients, "data."));
        if (!outcome.lasting().isEmpty()) {
            card.append("## Measured while it was made\n\n| figure | value |\n|---|---|\n");
            outcome.lasting()
                    .forEach((name, value) ->
                            card.append("| ")
                                    .append(cell(name))
                                    .append(" | ")
                                    .append(cell(String.valueOf(value)))
                                    .append(" |\n"));
            card.append('\n');
        }
        card.append("## Settings\n\n| setting | value |\n|---|---|\n");
        stage.heading()
                .settings()
                .forEach((name, value) ->
                        card.append("| ")
                                .append(cell(name))
                                .append(" | ")
                                .append(cell(YamlWriter.flow(value)))
                                .append(" |\n"));
        return card.append(
                        "\nEvery digest is a SHA-256; `tailor.json` holds the same for programs.\n")
                .toString();
    }

    private static String made(Stage stage) {
        return switch (stage) {
            case Stage.Init s -> "A new model with random weights, to be pre-trained from scratch.";
            case Stage.Cpt s ->
                    "Made by continued pre-training from `" + s.lesson().from().text() + "`.";
            case Stage.Sft s ->
                    "Made by supervised fine-tuning from `" + s.lesson().from().text() + "`.";
            case Stage.Dpo s ->
                    "Made by preference optimisation from `" + s.lesson().from().text() + "`.";
            case Stage.Kto s ->
                    "Made by preference optimisation on single answers from `"
                            + s.lesson().from().text()
                            + "`.";
            case Stage.Distill s ->
                    "Made by distillation%s into `%s`."
                            .formatted(
                                    s.teacher()
                                            .map(teacher -> " of `" + teacher.text() + "`")
                                            .orElse(""),
                                    s.lesson().from().text());
            case Stage.Merge s ->
                    "Merged from `" + String.join("`, `", s.references().keySet()) + "`.";
            case Stage.Eval s -> "A board.";
            case Stage.Gate s -> "A gate.";
            case Stage.Export s -> "An export.";
        };
    }

    private static void table(
            StringBuilder card, String title, String head, List<Map<String, String>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        card.append("## ")
                .append(title)
                .append("\n\n| ")
                .append(head)
                .append(" | digest |\n|---|---|\n");
        for (Map<String, String> row : rows) {
            card.append("| ")
                    .append(cell(row.getOrDefault("name", "")))
                    .append(" | `")
                    .append(row.getOrDefault("sha256", ""))
                    .append("` |\n");
        }
        card.append('\n');
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace('\n', ' ');
    }
}
