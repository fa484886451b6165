package dev.tailor.workflow.internal.stages;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.recipe.Stage;

/// Merges models.
final class MergeStage {
    private MergeStage() {}

    static Outcome run(Stage.Merge stage, Workspace workspace, Assignment assignment) {
        throw TailorException.of(ErrorCode.INTERNAL, "merging is not there yet")
                .at(stage.heading().place() + " " + workspace.directory() + assignment.result());
    }
}
