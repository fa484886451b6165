package dev.tailor.export.internal.tokenizer;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.export.internal.JsonFile;

import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Files;
import java.nio.file.Path;

/// The files of a model directory that say how text becomes tokens.
///
/// @param tokenizer `tokenizer.json`
/// @param config `tokenizer_config.json`, empty if there is none
/// @param specialTokensMap `special_tokens_map.json`, empty if there is none
/// @param generation `generation_config.json`, empty if there is none
/// @param model `config.json`
public record TokenizerFiles(
        Path directory,
        ObjectNode tokenizer,
        ObjectNode config,
        ObjectNode specialTokensMap,
        ObjectNode generation,
        ObjectNode model) {
    /// Reads the files.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` without a `tokenizer.json`
    public static TokenizerFiles read(Path directory) {
        Path file = directory.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "there is no tokenizer.json")
                    .at(directory)
                    .remedy(
                            "a GGUF file holds the tokenizer too: put tokenizer.json and"
                                    + " tokenizer_config.json beside the weights");
        }
        return new TokenizerFiles(
                directory,
                JsonFile.read(file),
                JsonFile.readIfPresent(directory.resolve("tokenizer_config.json")),
                JsonFile.readIfPresent(directory.resolve("special_tokens_map.json")),
                JsonFile.readIfPresent(directory.resolve("generation_config.json")),
                JsonFile.read(directory.resolve("config.json")));
    }

    /// `tokenizer.json`, for error messages.
    public Path tokenizerFile() {
        return directory.resolve("tokenizer.json");
    }
}
