package dev.tailor.export.internal;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Reads the JSON files of a model directory.
public final class JsonFile {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private JsonFile() {}

    /// The object in a file that must be there.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` or `FILE_CORRUPT`
    public static ObjectNode read(Path file) {
        try {
            if (MAPPER.readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
                return object;
            }
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "this is not a JSON object").at(file);
        } catch (JacksonException e) {
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT, "not valid JSON: " + e.getOriginalMessage())
                    .at(file)
                    .causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    /// The object in a file, or an empty one if there is no file.
    public static ObjectNode readIfPresent(Path file) {
        return Files.isRegularFile(file) ? read(file) : MAPPER.createObjectNode();
    }

    /// A string field; also the `content` of a token written as an object.
    public static Optional<String> string(JsonNode object, String field) {
        JsonNode value = object.path(field);
        JsonNode text = value.isObject() ? value.path("content") : value;
        return text.isString() ? Optional.of(text.stringValue()) : Optional.empty();
    }

    /// Whether a field is there and not null.
    public static boolean has(JsonNode object, String field) {
        return object.hasNonNull(field);
    }
}
