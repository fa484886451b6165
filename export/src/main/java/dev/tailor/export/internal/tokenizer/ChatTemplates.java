package dev.tailor.export.internal.tokenizer;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.export.internal.JsonFile;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The chat templates of a model by name; the usual one is `default`.
public record ChatTemplates(Map<String, String> byName) {
    private static final Pattern GENERATION =
            Pattern.compile("\\{%([-+]?)\\s*(end)?generation\\s*([-+]?)%\\}");

    /// Reads `chat_template.jinja`, else the entry of `tokenizer_config.json`, else
    /// `chat_template.json`.
    public static ChatTemplates of(TokenizerFiles files) {
        Map<String, String> byName = new TreeMap<>();
        JsonNode entry = files.config().path("chat_template");
        if (entry.isString()) {
            byName.put("default", entry.stringValue());
        }
        entry.forEach(named ->
                JsonFile.string(named, "template")
                        .ifPresent(
                                text -> byName.put(named.path("name").asString("default"), text)));
        JsonFile.string(
                        JsonFile.readIfPresent(files.directory().resolve("chat_template.json")),
                        "chat_template")
                .ifPresent(text -> byName.putIfAbsent("default", text));
        Path file = files.directory().resolve("chat_template.jinja");
        if (Files.isRegularFile(file)) {
            byName.put("default", read(file));
        }
        return new ChatTemplates(byName);
    }

    /// The usual template, or an empty text.
    public String usual() {
        return byName.getOrDefault("default", "");
    }

    /// The template as readers of GGUF files understand it: `generation` blocks, which only mark
    /// what is trained on, become conditions that always hold, so that the trimming of white space
    /// around them stays.
    static String withoutGenerationBlocks(String template) {
        return GENERATION
                .matcher(template)
                .replaceAll(match ->
                        "{%"
                                + match.group(1)
                                + (match.group(2) == null ? " if true " : " endif ")
                                + match.group(3)
                                + "%}");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "cannot read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }
}
