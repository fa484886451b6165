package dev.tailor.workflow.internal.stages;

import dev.tailor.core.Location;
import dev.tailor.merge.Merge;
import dev.tailor.merge.MergeOptions;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.MergeResult;
import dev.tailor.workflow.model.ModelSource;
import dev.tailor.workflow.recipe.Stage;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

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
            ModelSource source =
                    workspace
                            .models()
                            .source(stage.references().get(named.text()), named.location());
            directories.put(named.model(), source.directory());
            source.adapter()
                    .ifPresent(
                            path -> named.adapter().ifPresent(name -> directories.put(name, path)));
        }
        return Merge.plan(stage.config(), (name, place) -> found(directories, name, place));
    }

    private static Path found(Map<String, Path> directories, String name, Location place) {
        Path directory = directories.get(name);
        if (directory == null) {
            throw new IllegalStateException("no directory for " + name + " at " + place);
        }
        return directory;
    }
}
