package dev.tailor.workflow.internal.stages;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Event;
import dev.tailor.data.DataSet;
import dev.tailor.eval.Board;
import dev.tailor.eval.LanguageModel;
import dev.tailor.eval.Metric;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.ResultStore;
import dev.tailor.eval.Task;
import dev.tailor.eval.TaskResult;
import dev.tailor.eval.Tasks;
import dev.tailor.workflow.model.LoadedModel;
import dev.tailor.workflow.model.TorchLanguageModel;
import dev.tailor.workflow.recipe.ModelReference;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.Boards;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Measures models by tasks. A model that an earlier attempt has measured is not measured again.
final class EvalStage {
    private EvalStage() {}

    static Outcome run(Stage.Eval stage, Workspace workspace, Assignment assignment) {
        List<Task> tasks = tasks(stage, workspace);
        List<ModelResult> results = new ArrayList<>();
        for (ModelReference model : stage.models()) {
            assignment.cancellation().check();
            Path folder = Boards.folder(assignment.work(), results.size(), model.text());
            if (!Files.exists(folder.resolve("results.json"))) {
                ResultStore.write(folder, measure(stage, model, tasks, workspace, assignment));
            }
            results.add(ResultStore.read(folder));
        }
        Board board = new Board(results, stage.base().text());
        AtomicWrite.deleteTree(assignment.result());
        Boards.write(assignment.result(), board);
        return new Outcome(
                metrics(board),
                Map.of(),
                stage.data().stream().map(workspace.data()::use).toList(),
                Map.of());
    }

    static List<Task> tasks(Stage.Eval stage, Workspace workspace) {
        List<Task> tasks = new ArrayList<>();
        for (Stage.EvalTask task : stage.tasks()) {
            DataSet data = workspace.data().get(task.data());
            Task made =
                    switch (task.measure()) {
                        case PERPLEXITY -> Tasks.perplexity(task.text(), data);
                        case BY_KIND -> Tasks.of(task.text(), data);
                    };
            if (stage.maxTokens().isPresent()) {
                made = made.withMaxTokens(stage.maxTokens().getAsInt());
            }
            tasks.add(stage.limit().isPresent() ? made.limited(stage.limit().getAsInt()) : made);
        }
        return tasks;
    }

    private static ModelResult measure(
            Stage.Eval stage,
            ModelReference model,
            List<Task> tasks,
            Workspace workspace,
            Assignment assignment) {
        Event.Listener listener = event -> assignment.listener().on(withModel(event, model.text()));
        Task.Watch watch = new Task.Watch(stage.id(), listener, assignment.cancellation());
        LoadedModel loaded =
                LoadedModel.load(
                        workspace.models().source(model, stage.heading().place("models")),
                        Optional.empty());
        try (LanguageModel asked =
                new TorchLanguageModel(model.text(), loaded, assignment.cancellation())) {
            List<TaskResult> results = new ArrayList<>();
            for (Task task : tasks) {
                results.add(task.evaluate(asked, watch));
            }
            return new ModelResult(model.text(), results);
        }
    }

    private static Event withModel(Event event, String model) {
        return event instanceof Event.StageStarted(String stage, String description, long total)
                ? new Event.StageStarted(stage, model + ": " + description, total)
                : event;
    }

    private static Map<String, Double> metrics(Board board) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (ModelResult model : board.models()) {
            for (TaskResult task : model.tasks()) {
                for (Metric metric : task.metrics()) {
                    metrics.put(
                            model.model() + "/" + task.task() + "." + metric.name(),
                            metric.value());
                }
            }
        }
        return metrics;
    }
}
