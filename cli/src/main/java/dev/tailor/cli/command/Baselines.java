package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.MappingReader;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.report.GainBoard.Baseline;
import dev.tailor.eval.report.ResultFiles;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads `--baseline NAME` and `--baseline NAME=FILE`.
final class Baselines {
    private Baselines() {}

    /// The baseline that was named.
    ///
    /// @param known results that can be named alone
    static Optional<Baseline> read(@Nullable String word, Map<String, ModelResult> known) {
        if (word == null) {
            return Optional.empty();
        }
        int equals = word.indexOf('=');
        if (equals < 0) {
            ModelResult result = known.get(word);
            if (result == null) {
                throw TailorException.of(
                                ErrorCode.USAGE, "no results are of a model called '" + word + "'")
                        .remedy(
                                known.isEmpty()
                                        ? "write --baseline NAME=FILE"
                                        : Suggestion.advice(word, known.keySet()));
            }
            return Optional.of(Baseline.of(word, result));
        }
        String name = word.substring(0, equals);
        Path file = Path.of(word.substring(equals + 1));
        return Optional.of(
                file.toString().matches(".*\\.ya?ml")
                        ? new Baseline(name, figures(file))
                        : results(name, file));
    }

    private static Baseline results(String name, Path place) {
        List<ModelResult> results = ResultFiles.below(place).results();
        if (results.size() > 1) {
            throw TailorException.of(
                            ErrorCode.USAGE,
                            "a baseline is one model, these are results of several")
                    .at(place)
                    .remedy("name the directory of one of them");
        }
        return Baseline.of(name, results.getFirst());
    }

    /// Figures by tasks; a task of the pack may be named without `loraland_`.
    private static Map<String, Double> figures(Path file) {
        MappingReader reader = MappingReader.of(Yaml.read(file), "the figures of a baseline");
        Map<String, Double> figures = new LinkedHashMap<>();
        for (String task : reader.keys()) {
            double figure = reader.number(task).orElseThrow();
            figures.put(task, figure);
            figures.putIfAbsent("loraland_" + task, figure);
        }
        return figures;
    }
}
