package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.core.Location;
import dev.tailor.core.Suggestion;
import dev.tailor.eval.Gate;
import dev.tailor.workflow.internal.keys.Values;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Reads a gate and checks that boards before it measure what it asks for.
final class GateReader {
    private final List<Stage.Eval> boards;
    private final Path directory;

    GateReader(List<Stage> before, Path directory) {
        this.directory = directory;
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
        Optional<Path> release = release(values);
        require.forEach((path, text) ->
                check(path, text, on, release.isPresent(), values.place("require." + path)));
        return new Stage.Gate(heading, on, require, release);
    }

    private Optional<Path> release(Values values) {
        Optional<Path> folder =
                values.optionalText("release").map(text -> directory.resolve(text).normalize());
        if (folder.isPresent() && !Files.exists(folder.get().resolve("evaluation.json"))) {
            throw invalid(
                            values.place("release"),
                            "there is no evaluation.json in '" + values.text("release") + "'")
                    .remedy("name a folder that 'tailor eval --out' or an eval stage wrote");
        }
        return folder;
    }

    private void check(
            String path, String text, ModelReference on, boolean hasRelease, Location place) {
        List<Gate> gates = Gate.parseAll(path, text, Optional.of(index -> within(place, index)));
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
        for (Gate gate : gates) {
            boolean released = hasRelease && gate.model().equals(Gate.RELEASE);
            if (!gate.model().isEmpty() && !released) {
                measured(gate.model(), within(place, gate.modelAt()));
            }
        }
    }

    /// The place of a character of a value, whose text begins after the quote if it has one.
    private static Location within(Location place, int index) {
        if (index == 0 || place.column() == 0) {
            return place;
        }
        int quote = isQuoted(place) ? 1 : 0;
        return new Location(place.file(), place.line(), place.column() + quote + index);
    }

    private static boolean isQuoted(Location place) {
        try (Stream<String> lines = Files.lines(place.file())) {
            String line = lines.skip(place.line() - 1L).findFirst().orElse("");
            int at = place.column() - 1;
            return at < line.length() && (line.charAt(at) == '"' || line.charAt(at) == '\'');
        } catch (IOException | UncheckedIOException e) {
            return false;
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
