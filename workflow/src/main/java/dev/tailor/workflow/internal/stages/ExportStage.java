package dev.tailor.workflow.internal.stages;

import dev.tailor.core.AtomicWrite;
import dev.tailor.export.ExportResult;
import dev.tailor.export.GgufExport;
import dev.tailor.export.GgufType;
import dev.tailor.export.Modelfile;
import dev.tailor.workflow.recipe.Stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes a GGUF file and what belongs to it.
final class ExportStage {
    private ExportStage() {}

    static Outcome run(Stage.Export stage, Workspace workspace, Assignment assignment) {
        Path model =
                FusedModel.of(
                        workspace.models().source(stage.from(), stage.heading().place("from")),
                        "fused",
                        assignment);
        Path folder = assignment.result();
        AtomicWrite.deleteTree(folder);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw AtomicWrite.failure(folder, e);
        }
        GgufType type = GgufType.parse(stage.gguf());
        Path file = folder.resolve(workspace.recipe().name() + "-" + type.label() + ".gguf");
        ExportResult result =
                GgufExport.export(
                        model, type, file, assignment.listener(), assignment.cancellation());
        if (stage.ollama()) {
            AtomicWrite.text(
                    folder.resolve("Modelfile"),
                    Modelfile.of(model, "./" + file.getFileName()).text());
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("bytes", (double) result.bytes());
        metrics.put("bits_per_weight", result.bitsPerWeight());
        metrics.put("relative_error", result.relativeError());
        return Outcome.of(metrics);
    }
}
