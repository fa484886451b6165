package dev.tailor.tensors;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// A model in Hugging Face layout: `config.json`, weights, tokenizer and other side files.
public final class ModelDirectory implements AutoCloseable {
    private static final String CONFIG = "config.json";

    /// The files beside config and weights that belong to a model.
    private static final List<String> SIDE_FILES =
            List.of(
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "added_tokens.json",
                    "tokenizer.model",
                    "vocab.json",
                    "merges.txt",
                    "vocab.txt",
                    "chat_template.jinja",
                    "chat_template.json",
                    "generation_config.json");

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path path;
    private final ObjectNode config;
    private @Nullable Checkpoint checkpoint;

    private ModelDirectory(Path path, ObjectNode config) {
        this.path = path;
        this.config = config;
    }

    /// Opens a directory with a `config.json`; its weights are opened when they are asked for.
    public static ModelDirectory open(Path path) {
        Path file = path.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND,
                            Files.isDirectory(path)
                                    ? "not a model directory: no " + CONFIG
                                    : "no such model directory")
                    .at(path)
                    .remedy("name a directory in Hugging Face layout");
        }
        return new ModelDirectory(path, readObject(file));
    }

    private static ObjectNode readObject(Path file) {
        try {
            JsonNode node = JSON.readTree(Files.readAllBytes(file));
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "not a JSON object").at(file);
        } catch (JacksonException e) {
            String place =
                    e.getLocation() == null
                            ? file.toString()
                            : file
                                    + ":"
                                    + e.getLocation().getLineNr()
                                    + ":"
                                    + e.getLocation().getColumnNr();
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT, "not valid JSON: " + e.getOriginalMessage())
                    .at(place)
                    .causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    /// Where the model lies.
    public Path path() {
        return path;
    }

    /// A copy of `config.json` that is the caller's to change.
    public ObjectNode config() {
        return config.deepCopy();
    }

    /// The weights, opened at the first call and closed with this directory.
    public synchronized Checkpoint checkpoint() {
        Checkpoint open = checkpoint;
        if (open == null) {
            open = Checkpoint.open(path);
            checkpoint = open;
        }
        return open;
    }

    /// The files beside config and weights (tokenizer, chat template, generation settings) that are
    /// there.
    public List<Path> sideFiles() {
        return SIDE_FILES.stream().map(path::resolve).filter(Files::isRegularFile).toList();
    }

    /// Copies the side files into an existing directory.
    public void copySideFilesTo(Path directory) {
        for (Path file : sideFiles()) {
            Path target = directory.resolve(file.getFileName());
            try {
                Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw AtomicWrite.failure(target, e);
            }
        }
    }

    /// Writes a `config.json` into a directory that is being filled ([AtomicWrite#directory]).
    public static void writeConfig(Path directory, ObjectNode config) {
        Path file = directory.resolve(CONFIG);
        try {
            Files.writeString(
                    file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    @Override
    public synchronized void close() {
        if (checkpoint != null) {
            checkpoint.close();
            checkpoint = null;
        }
    }
}
