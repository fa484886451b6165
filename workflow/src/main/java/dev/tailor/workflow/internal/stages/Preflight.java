package dev.tailor.workflow.internal.stages;

import dev.tailor.core.TailorException;
import dev.tailor.data.DataKind;
import dev.tailor.export.GgufType;
import dev.tailor.workflow.recipe.ModelReference;
import dev.tailor.workflow.recipe.Stage;

import java.util.Set;

/// Checks, before anything runs, what the recipe alone does not show: that models and files are
/// there, and that data is what the stages need.
public final class Preflight {
    private Preflight() {}

    /// Fails at the first thing that could not work, at its place in the recipe.
    public static void check(Workspace workspace) {
        workspace.recipe().stages().forEach(stage -> check(stage, workspace));
    }

    private static void check(Stage stage, Workspace workspace) {
        stage.models().forEach(model -> model(model, stage, workspace));
        Ingredients.files(stage, workspace.recipe())
                .forEach((key, path) -> Ingredients.requireFile(path, stage, key));
        switch (stage) {
            case Stage.Init init ->
                    init.tokenizer()
                            .ifPresent(tokenizer ->
                                    tokenizer
                                            .data()
                                            .forEach(name ->
                                                    workspace
                                                            .data()
                                                            .require(
                                                                    name,
                                                                    Set.of(DataKind.TEXT),
                                                                    stage.heading()
                                                                            .place("tokenizer"))));
            case Stage.Training training -> training(training, workspace);
            case Stage.Eval eval -> tasks(eval, workspace);
            case Stage.Export export -> type(export);
            case Stage.Merge merge -> {}
            case Stage.Gate gate -> {}
        }
    }

    /// Models that no stage makes must be there already.
    private static void model(ModelReference model, Stage stage, Workspace workspace) {
        if (model.stages().isEmpty()) {
            boolean teaches =
                    stage instanceof Stage.Training training
                            && training.teacher().filter(model::equals).isPresent()
                            && !model.equals(training.lesson().from());
            String key = stage instanceof Stage.Eval ? "models" : teaches ? "teacher" : "from";
            workspace.models().source(model, stage.heading().place(key));
        }
    }

    private static void training(Stage.Training stage, Workspace workspace) {
        for (int i = 0; i < stage.lesson().data().size(); i++) {
            workspace
                    .data()
                    .require(
                            stage.lesson().data().get(i),
                            stage.accepts(),
                            stage.heading().place("data[" + i + "]"));
        }
        stage.lesson()
                .evaluation()
                .ifPresent(name ->
                        workspace
                                .data()
                                .require(
                                        name,
                                        stage.accepts(),
                                        stage.heading().place("evaluation")));
    }

    private static void tasks(Stage.Eval eval, Workspace workspace) {
        for (int i = 0; i < eval.tasks().size(); i++) {
            Stage.EvalTask task = eval.tasks().get(i);
            if (task.measure() == Stage.Measure.PERPLEXITY) {
                workspace
                        .data()
                        .require(
                                task.data(),
                                Set.of(DataKind.TEXT),
                                eval.heading().place("tasks[" + i + "]"));
            }
        }
        EvalStage.tasks(eval, workspace);
    }

    private static void type(Stage.Export export) {
        try {
            GgufType.parse(export.gguf());
        } catch (TailorException e) {
            throw e.at(export.heading().place("gguf"));
        }
    }
}
