package dev.tailor.workflow.internal.stages;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.Board;
import dev.tailor.eval.Gate;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.ResultStore;
import dev.tailor.eval.TaskResult;
import dev.tailor.workflow.recipe.Stage;
import dev.tailor.workflow.store.Boards;
import dev.tailor.workflow.store.GateResult;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Holds requirements against the boards made before.
final class GateStage {
    private GateStage() {}

    static Outcome run(Stage.Gate stage, Workspace workspace, Assignment assignment) {
        Board board = together(stage, workspace);
        List<GateResult.Requirement> requirements = new ArrayList<>();
        Map<String, Double> metrics = new LinkedHashMap<>();
        stage.require()
                .forEach((path, text) -> {
                    for (Gate.Outcome outcome : check(stage, path, text, board)) {
                        requirements.add(GateResult.Requirement.of(outcome));
                        metrics.put(path, outcome.value());
                        assignment.note(stage.id(), outcome.describe());
                    }
                });
        boolean passed = requirements.stream().allMatch(GateResult.Requirement::passed);
        GateResult result = new GateResult(stage.on().text(), passed, requirements);
        try {
            Files.createDirectories(assignment.result());
        } catch (IOException e) {
            throw AtomicWrite.failure(assignment.result(), e);
        }
        result.write(assignment.result());
        return Outcome.of(metrics);
    }

    /// The failure of a gate that did not hold.
    static TailorException failure(Stage.Gate stage, GateResult result) {
        List<String> failed = new ArrayList<>();
        for (GateResult.Requirement requirement : result.requirements()) {
            if (!requirement.passed()) {
                failed.add(result.on() + ": " + requirement.describe());
            }
        }
        return TailorException.of(
                        ErrorCode.GATE_FAILED,
                        "the gate '" + stage.id() + "' does not hold: " + String.join("; ", failed))
                .at(stage.heading().place("require"))
                .remedy("the report shows the boards behind it");
    }

    /// The board files of the stages before a gate that measure its model, by stage.
    static Map<String, Path> boards(Stage.Gate gate, Workspace workspace) {
        Map<String, Path> boards = new LinkedHashMap<>();
        for (Stage stage : workspace.recipe().stages()) {
            if (stage.id().equals(gate.id())) {
                break;
            }
            if (stage instanceof Stage.Eval eval && eval.models().contains(gate.on())) {
                boards.put(eval.id(), workspace.directory().stage(eval.id()).resolve("board.json"));
            }
        }
        return boards;
    }

    private static List<Gate.Outcome> check(
            Stage.Gate stage, String path, String text, Board board) {
        try {
            return Gate.parseAll(path, text, Optional.empty()).stream()
                    .map(gate -> gate.check(board, stage.on().text()))
                    .toList();
        } catch (TailorException e) {
            throw e.at(stage.heading().place("require." + path));
        }
    }

    /// The boards of all stages as one; of a task that several measured, the last result counts.
    private static Board together(Stage.Gate stage, Workspace workspace) {
        Map<String, Map<String, TaskResult>> models = new LinkedHashMap<>();
        for (String id : boards(stage, workspace).keySet()) {
            Board board = Boards.read(workspace.directory().stage(id)).orElseThrow();
            for (ModelResult model : board.models()) {
                Map<String, TaskResult> tasks =
                        models.computeIfAbsent(model.model(), name -> new LinkedHashMap<>());
                model.tasks().forEach(task -> tasks.put(task.task(), task));
            }
        }
        List<ModelResult> results = new ArrayList<>();
        models.forEach(
                (model, tasks) -> results.add(new ModelResult(model, List.copyOf(tasks.values()))));
        Board board = Board.of(results);
        return stage.release()
                .map(folder -> board.with(Gate.RELEASE, ResultStore.read(folder)))
                .orElse(board);
    }
}
