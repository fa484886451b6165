package dev.tailor.workflow.internal.stages;

import dev.tailor.merge.Merge;
import dev.tailor.merge.MergeChain;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergeResult;
import dev.tailor.merge.ModelResolver;
import dev.tailor.workflow.model.ModelSource;
import dev.tailor.workflow.recipe.ModelReference;
import dev.tailor.workflow.recipe.Stage;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Merges models.
final class MergeStage {
    private MergeStage() {}

    static Outcome run(Stage.Merge stage, Workspace workspace, Assignment assignment) {
        MergeResult result =
                Merge.run(
                        stage.chain(),
                        models(stage, workspace),
                        assignment.result(),
                        MergeOptions.standard().withSeed(stage.seed()).withDigests(false),
                        false,
                        assignment.listener(),
                        assignment.cancellation());
        result.notes().forEach(note -> assignment.note(stage.id(), note));
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("parameters", (double) result.parameters());
        metrics.put("bytes", (double) result.bytes());
        return Outcome.of(metrics);
    }

    /// Finds the models by their names in the merge; they must be there.
    private static ModelResolver models(Stage.Merge stage, Workspace workspace) {
        Map<String, Path> directories = new HashMap<>();
        for (MergeChain.Link link : stage.chain().links()) {
            for (var named : link.config().models()) {
                Optional.ofNullable(stage.references().get(named.text()))
                        .ifPresent(model ->
                                put(
                                        directories,
                                        model,
                                        workspace.models().source(model, named.location())));
            }
        }
        return name -> Optional.ofNullable(directories.get(name));
    }

    private static void put(
            Map<String, Path> directories, ModelReference model, ModelSource source) {
        if (model instanceof ModelReference.Adapted adapted) {
            directories.put(adapted.model().text(), source.directory());
            source.adapter().ifPresent(path -> directories.put(adapted.adapter().text(), path));
        } else {
            directories.put(model.text(), source.directory());
        }
    }
}
