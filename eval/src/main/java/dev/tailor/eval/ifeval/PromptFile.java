package dev.tailor.eval.ifeval;

import dev.tailor.core.Location;
import dev.tailor.core.TailorException;
import dev.tailor.data.JsonRows;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Reads prompts in IFEval's own shape, one JSON object a line: `{"key", "prompt",
/// "instruction_id_list": [...], "kwargs": [{...}]}`.
public final class PromptFile {
    private static final String PUBLISHED = "ifeval.jsonl";

    private PromptFile() {}

    /// The 541 prompts as they were published.
    public static List<VerifiablePrompt> published() {
        try (InputStream stream =
                        Objects.requireNonNull(PromptFile.class.getResourceAsStream(PUBLISHED));
                Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
            return prompts(JsonRows.read(Path.of(PUBLISHED), reader));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The prompts of a file.
    ///
    /// @throws TailorException FILE_NOT_FOUND; DATA_INVALID with the line, for a row of another
    ///   shape, an instruction that is not known, arguments that are missing or wrong, and a key
    ///   that stands twice
    public static List<VerifiablePrompt> read(Path file) {
        return prompts(JsonRows.read(file));
    }

    private static List<VerifiablePrompt> prompts(List<JsonRows.Row> rows) {
        List<VerifiablePrompt> prompts = new ArrayList<>();
        Map<String, Location> places = new HashMap<>();
        for (JsonRows.Row row : rows) {
            VerifiablePrompt prompt = prompt(row);
            Location before = places.putIfAbsent(prompt.key(), row.place());
            if (before != null) {
                throw row.invalid("the key " + prompt.key() + " stands in line " + before.line());
            }
            prompts.add(prompt);
        }
        return prompts;
    }

    private static VerifiablePrompt prompt(JsonRows.Row row) {
        JsonNode ids = row.json().path("instruction_id_list");
        JsonNode arguments = row.json().path("kwargs");
        if (!ids.isArray() || ids.isEmpty()) {
            throw row.invalid("'instruction_id_list' must be a list of instructions")
                    .remedy("each row needs key, prompt, instruction_id_list and kwargs");
        }
        if (!arguments.isArray() || arguments.size() != ids.size()) {
            throw row.invalid("'kwargs' must have one entry for each instruction");
        }
        List<Instruction> instructions = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            try {
                instructions.add(
                        Instruction.of(ids.get(i).asString(), values(row, arguments.get(i))));
            } catch (TailorException e) {
                throw e.at(row.place());
            }
        }
        return new VerifiablePrompt(row.key("key"), row.text("prompt"), instructions);
    }

    private static Map<String, Object> values(JsonRows.Row row, JsonNode arguments) {
        if (!arguments.isObject()) {
            throw row.invalid("'kwargs' must hold objects");
        }
        Map<String, Object> values = new LinkedHashMap<>();
        arguments.forEachEntry((name, value) -> {
            if (!value.isNull()) {
                values.put(name, JsonRows.plain(value));
            }
        });
        return values;
    }
}
