package dev.tailor.workflow.internal.stages;

import dev.tailor.core.Location;
import dev.tailor.workflow.recipe.Stage;

import java.nio.file.Path;
import java.util.Optional;

/// The directories of the models that a training stage starts from and learns from.
record Parents(Path base, Optional<Path> teacher) {
    /// Those of a stage that runs now, adapters fused.
    static Parents of(Stage.Training stage, Workspace workspace, Assignment assignment) {
        Location from = stage.heading().place("from");
        Path base =
                FusedModel.of(
                        workspace.models().source(stage.lesson().from(), from),
                        "fused",
                        assignment);
        return new Parents(
                base,
                stage.teacher()
                        .map(teacher ->
                                FusedModel.of(
                                        workspace
                                                .models()
                                                .source(teacher, stage.heading().place("teacher")),
                                        "fused-teacher",
                                        assignment)));
    }
}
