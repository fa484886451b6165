package dev.tailor.workflow.internal.stages;

import dev.tailor.core.TailorException;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.GateResult;

/// Does a stage of whatever kind.
public final class StageRunner {
    private StageRunner() {}

    /// Fills the assignment's result.
    public static Outcome run(Stage stage, Workspace workspace, Assignment assignment) {
        return switch (stage) {
            case Stage.Init init -> InitStage.run(init, workspace, assignment);
            case Stage.Training training -> TrainingStage.run(training, workspace, assignment);
            case Stage.Merge merge -> MergeStage.run(merge, workspace, assignment);
            case Stage.Eval eval -> EvalStage.run(eval, workspace, assignment);
            case Stage.Gate gate -> GateStage.run(gate, workspace, assignment);
            case Stage.Export export -> ExportStage.run(export, workspace, assignment);
        };
    }

    /// The failure of a gate that did not hold.
    public static TailorException failure(Stage.Gate gate, GateResult result) {
        return GateStage.failure(gate, result);
    }
}
