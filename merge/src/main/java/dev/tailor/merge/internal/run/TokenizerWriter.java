package dev.tailor.merge.internal.run;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.VocabularyPlan;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Brings the tokenizer files that were copied from one model in line with the merge's vocabulary
/// and chat template.
record TokenizerWriter(Path directory) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    void write(MergePlan plan) {
        plan.vocabulary().ifPresent(this::write);
        plan.chatTemplate().ifPresent(this::writeTemplate);
    }

    private void write(VocabularyPlan vocabulary) {
        vocabulary.dropped().forEach(this::delete);
        vocabulary.files().forEach(this::write);
    }

    /// The template stands in its own file, and in `tokenizer_config.json` for programs that only
    /// know that place. Named templates for other purposes stay.
    private void writeTemplate(String template) {
        text("chat_template.jinja", template);
        delete("chat_template.json");
        Path file = directory.resolve("tokenizer_config.json");
        if (!Files.exists(file)) {
            return;
        }
        ObjectNode config = object(file);
        if (config.path("chat_template") instanceof ArrayNode named) {
            for (JsonNode entry : named) {
                if (entry instanceof ObjectNode one
                        && one.path("name").asString("").equals("default")) {
                    one.put("template", template);
                }
            }
        } else {
            config.put("chat_template", template);
        }
        write("tokenizer_config.json", config);
    }

    private static ObjectNode object(Path file) {
        try {
            if (JSON.readTree(file) instanceof ObjectNode object) {
                return object;
            }
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "not a JSON object").at(file);
        } catch (JacksonException e) {
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT, "not valid JSON: " + e.getOriginalMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    private void write(String name, ObjectNode content) {
        text(name, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n");
    }

    private void text(String name, String content) {
        Path file = directory.resolve(name);
        try {
            Files.writeString(file, content);
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    private void delete(String name) {
        Path file = directory.resolve(name);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }
}
