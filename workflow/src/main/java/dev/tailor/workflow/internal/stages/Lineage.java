package dev.tailor.workflow.internal.stages;

import dev.tailor.core.AtomicWrite;
import dev.tailor.workflow.internal.keys.YamlWriter;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.Store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes where a model comes from: `tailor.json` for programs and `README.md`, the model card, for
/// people. Both come out the same whenever the stage is run.
public final class Lineage {
    private Lineage() {}

    /// Writes both into the directory of a stage's result.
    public static void write(
            Path result, Recipe recipe, Stage stage, Ingredients ingredients, Outcome outcome) {
        AtomicWrite.text(
                result.resolve("tailor.json"),
                Store.json(lineage(recipe, stage, ingredients, outcome)));
        if (stage.makesModel()) {
            AtomicWrite.text(
                    result.resolve("README.md"), card(recipe, stage, ingredients, outcome));
        }
    }

    private static Map<String, Object> lineage(
            Recipe recipe, Stage stage, Ingredients ingredients, Outcome outcome) {
        Map<String, Object> lineage = new LinkedHashMap<>();
        lineage.put("recipe", recipe.name());
        lineage.put("stage", stage.id());
        lineage.put("kind", stage.kind());
        lineage.put("key", ingredients.key());
        lineage.put("parents", digests(ingredients, "model."));
        lineage.put("data", digests(ingredients, "data."));
        lineage.put("files", digests(ingredients, "file."));
        lineage.put("seed", ingredients.values().getOrDefault("seed", ""));
        lineage.put("settings", stage.heading().settings());
        lineage.put("versions", Map.of("tailor", Ingredients.VERSION));
        lineage.put("metrics", outcome.lasting());
        return lineage;
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

    private static String card(
            Recipe recipe, Stage stage, Ingredients ingredients, Outcome outcome) {
        StringBuilder card = new StringBuilder();
        card.append("---\nlibrary_name: transformers\npipeline_tag: text-generation\ntags:\n");
        card.append("- tailor\n- ").append(stage.kind()).append("\n---\n\n");
        card.append("# ").append(recipe.name()).append(": ").append(stage.id()).append("\n\n");
        card.append(made(stage)).append("\n\n");
        table(card, "Models it comes from", "model", digests(ingredients, "model."));
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
