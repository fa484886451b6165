package dev.tailor.workflow.internal.stages;

import dev.tailor.merge.Merge;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.MergeResult;
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
                        plan(stage, workspace),
                        assignment.result(),
                        MergeOptions.standard().withSeed(stage.seed()).withDigests(false),
                        assignment.listener(),
                        assignment.cancellation());
        result.notes().forEach(note -> assignment.note(stage.id(), note));
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("parameters", (double) result.parameters());
        metrics.put("bytes", (double) result.bytes());
        return Outcome.of(metrics);
    }

    /// What the merge will do; its models must be there.
    static MergePlan plan(Stage.Merge stage, Workspace workspace) {
        Map<String, Path> directories = new HashMap<>();
        for (var named : stage.config().models()) {
            ModelReference model = stage.references().get(named.text());
            if (model == null) {
                throw new IllegalStateException("no reference for " + named.text());
            }
            ModelSource source = workspace.models().source(model, named.location());
            if (model instanceof ModelReference.Adapted adapted) {
                directories.put(adapted.model().text(), source.directory());
                source.adapter().ifPresent(path -> directories.put(adapted.adapter().text(), path));
            } else {
                directories.put(named.text(), source.directory());
            }
        }
        return Merge.plan(stage.config(), name -> Optional.ofNullable(directories.get(name)));
    }
}
