package dev.tailor.text;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Where a model directory keeps its chat templates.
final class TemplateFiles {
    private static final JsonMapper JSON = new JsonMapper();

    private TemplateFiles() {}

    static Optional<ChatTemplate> find(Path directory, String name) {
        Path own =
                name.equals("default")
                        ? directory.resolve("chat_template.jinja")
                        : directory.resolve("additional_chat_templates").resolve(name + ".jinja");
        if (Files.exists(own)) {
            return Optional.of(ChatTemplate.compile(read(own), own.toString()));
        }
        return inJson(directory.resolve("chat_template.json"), name)
                .or(() -> inJson(directory.resolve("tokenizer_config.json"), name));
    }

    private static Optional<ChatTemplate> inJson(Path file, String name) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonNode templates = parse(file).path("chat_template");
        if (templates.isString()) {
            return name.equals("default")
                    ? Optional.of(ChatTemplate.compile(templates.stringValue(), file.toString()))
                    : Optional.empty();
        }
        for (JsonNode entry : templates) {
            JsonNode template = entry.path("template");
            if (entry.path("name").asString("").equals(name) && template.isString()) {
                return Optional.of(ChatTemplate.compile(template.stringValue(), file + "#" + name));
            }
        }
        return Optional.empty();
    }

    private static JsonNode parse(Path file) {
        try {
            return JSON.readTree(read(file));
        } catch (JacksonException e) {
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT, "not valid JSON: " + e.getOriginalMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot be read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    static String plainSource() {
        try (InputStream source = TemplateFiles.class.getResourceAsStream("plain.jinja")) {
            if (source == null) {
                throw new IllegalStateException("plain.jinja is missing from the jar");
            }
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
