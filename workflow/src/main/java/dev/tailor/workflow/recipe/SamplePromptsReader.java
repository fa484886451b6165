package dev.tailor.workflow.recipe;

import static dev.tailor.core.yaml.MappingReader.invalid;

import dev.tailor.workflow.internal.keys.Values;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads the prompts that a stage answers while it trains.
///
/// @param directory the recipe's, from which paths start
record SamplePromptsReader(Path directory) {
    /// @param values those of `samples`
    /// @param kind the kind of stage
    SamplePrompts read(Values values, String kind) {
        List<String> prompts = new ArrayList<>(values.texts("prompts"));
        values.optionalText("file").ifPresent(file -> prompts.addAll(lines(file, values)));
        prompts.removeIf(String::isBlank);
        if (prompts.isEmpty()) {
            throw invalid(values.location(), "'samples' has no prompts")
                    .remedy("give 'prompts: [TEXT, ...]', or 'file:' with one prompt a line");
        }
        return new SamplePrompts(
                List.copyOf(prompts),
                values.optionalText("as")
                        .orElse(kind.equals("cpt") ? "text" : "chat")
                        .equals("chat"),
                values.integer("every"),
                values.integer("max-tokens"));
    }

    private List<String> lines(String file, Values values) {
        Path path = directory.resolve(file);
        try {
            return Files.readAllLines(path);
        } catch (IOException e) {
            throw invalid(values.place("file"), "cannot read " + path + ": " + e.getMessage())
                    .remedy(
                            "relative paths start from the recipe's directory; the file is UTF-8"
                                    + " text");
        }
    }
}
