package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.text.Message;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// JSON as plain Java values: `Map`, `List`, `String`, `Long`, `Double`, `Boolean` or null.
final class PlainJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private PlainJson() {}

    /// A whole file.
    static JsonNode read(Path file) {
        try {
            return JSON.readTree(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such file").at(file).causedBy(e);
        } catch (JacksonException e) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID, "not valid JSON: " + e.getOriginalMessage())
                    .at(place(file, e))
                    .causedBy(e);
        } catch (MalformedInputException e) {
            throw TailorException.of(ErrorCode.DATA_INVALID, "not UTF-8 text").at(file).causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e)
                    .at(file)
                    .causedBy(e);
        }
    }

    private static String place(Path file, JacksonException e) {
        return e.getLocation() == null
                ? file.toString()
                : file + ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
    }

    /// A node as a plain value.
    static @Nullable Object value(JsonNode node) {
        if (node.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            node.forEachEntry((key, value) -> map.put(key, value(value)));
            return map;
        }
        if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            node.forEach(item -> list.add(value(item)));
            return list;
        }
        if (node.isString()) {
            return node.stringValue();
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        return node.isNumber() ? (Object) node.doubleValue() : null;
    }

    /// A list of messages; `place` is where it stands.
    static List<Message> messages(JsonNode list, Object place) {
        if (!list.isArray() || list.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "'messages' must be a list with a message in it")
                    .at(place);
        }
        List<Message> messages = new ArrayList<>();
        for (JsonNode node : list) {
            if (!node.isObject() || !node.path("role").isString()) {
                throw TailorException.of(
                                ErrorCode.DATA_INVALID,
                                "message " + (messages.size() + 1) + " has no 'role'")
                        .at(place)
                        .remedy("a message is {\"role\": \"user\", \"content\": \"...\"}");
            }
            messages.add(message(node));
        }
        return messages;
    }

    private static Message message(JsonNode node) {
        Map<String, @Nullable Object> rest = new LinkedHashMap<>();
        node.forEachEntry((key, value) -> rest.put(key, value(value)));
        rest.remove("role");
        Object content = rest.remove("content");
        return new Message(
                node.path("role").stringValue(),
                content == null ? "" : content,
                withoutNullness(rest));
    }

    @SuppressWarnings("NullAway") // Values may be null: that is JSON's null.
    private static Map<String, Object> withoutNullness(Map<String, @Nullable Object> map) {
        return map;
    }
}
