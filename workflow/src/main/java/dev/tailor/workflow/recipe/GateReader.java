package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.workflow.internal.keys.Values;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads a gate and checks that boards before it measure what it asks for.
final class GateReader {
    private final List<Stage.Eval> boards;

    GateReader(List<Stage> before) {
        boards =
                before.stream()
                        .filter(Stage.Eval.class::isInstance)
                        .map(Stage.Eval.class::cast)
                        .toList();
    }

    Stage.Gate read(Heading heading, Values values) {
        if (boards.isEmpty()) {
            throw invalid(heading.place(), "there is no eval stage before this gate")
                    .remedy("a gate looks at a board: add '- eval: {models: [...], tasks: [...]}'");
        }
        ModelReference on = measured(values.text("on"), values.place("on"));
        Map<String, String> require = values.entries("require", String.class);
        if (require.isEmpty()) {
            throw invalid(values.place("require"), "'require' is empty");
        }
        require.forEach((path, text) -> check(path, text, on, values.place("require." + path)));
        return new Stage.Gate(heading, on, require);
    }

    private void check(String path, String text, ModelReference on, Location place) {
        dev.tailor.eval.Gate gate;
        try {
            gate = dev.tailor.eval.Gate.parse(path, text);
        } catch (TailorException e) {
            throw e.at(place);
        }
        Set<String> tasks = new LinkedHashSet<>();
        boards.stream()
                .filter(board -> board.models().contains(on))
                .flatMap(board -> board.tasks().stream())
                .forEach(task -> tasks.add(task.text()));
        int dot = path.lastIndexOf('.');
        String task = dot < 0 ? path : path.substring(0, dot);
        if (dot < 0 || !tasks.contains(task)) {
            throw invalid(place, "no board before this gate has a task '" + task + "'")
                    .remedy("write task.metric; " + Suggestion.advice(task, tasks));
        }
        if (!gate.model().isEmpty()) {
            measured(gate.model(), place);
        }
    }

    private ModelReference measured(String text, Location place) {
        Set<String> known = new LinkedHashSet<>();
        for (Stage.Eval board : boards) {
            for (ModelReference model : board.models()) {
                if (model.text().equals(text)) {
                    return model;
                }
                known.add(model.text());
            }
        }
        throw invalid(place, "no board before this gate measures '" + text + "'")
                .remedy(Suggestion.advice(text, known));
    }
}
