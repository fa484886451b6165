package dev.tailor.cli.command;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads the lines of a JSONL file that a command takes as its input.
final class JsonRows {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private JsonRows() {}

    /// A line with its place.
    record Row(Location place, JsonNode json) {
        /// The text of a key that must hold text.
        String text(String key) {
            JsonNode value = json.path(key);
            if (!value.isString()) {
                throw invalid("'" + key + "' must be text");
            }
            return value.stringValue();
        }

        /// The ids of a key that must hold a list of whole numbers below `vocabulary`.
        int[] tokens(String key, int vocabulary) {
            JsonNode value = json.path(key);
            if (!value.isArray() || value.isEmpty()) {
                throw invalid("'" + key + "' must be a list of token ids");
            }
            int[] ids = new int[value.size()];
            for (int i = 0; i < ids.length; i++) {
                JsonNode id = value.get(i);
                if (!id.isIntegralNumber() || id.longValue() < 0 || id.longValue() >= vocabulary) {
                    throw invalid(
                            "'" + key + "' holds " + id + "; ids are 0 to " + (vocabulary - 1));
                }
                ids[i] = id.intValue();
            }
            return ids;
        }

        /// The error for this row.
        TailorException invalid(String what) {
            return TailorException.of(ErrorCode.DATA_INVALID, what).at(place);
        }
    }

    /// The objects of a JSONL file; empty lines are passed over.
    static List<Row> read(Path file) {
        List<Row> rows = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (!line.isBlank()) {
                    rows.add(row(Location.line(file, number), line));
                }
            }
        } catch (NoSuchFileException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such file").at(file).causedBy(e);
        } catch (MalformedInputException e) {
            throw TailorException.of(ErrorCode.DATA_INVALID, "not UTF-8 text").at(file).causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e)
                    .at(file)
                    .causedBy(e);
        }
        if (rows.isEmpty()) {
            throw TailorException.of(ErrorCode.DATA_INVALID, "the file holds no rows").at(file);
        }
        return rows;
    }

    private static Row row(Location place, String line) {
        try {
            JsonNode json = JSON.readTree(line);
            if (json.isObject()) {
                return new Row(place, json);
            }
            throw TailorException.of(ErrorCode.DATA_INVALID, "the line is not a JSON object")
                    .at(place);
        } catch (JacksonException e) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID, "not valid JSON: " + e.getOriginalMessage())
                    .at(place)
                    .causedBy(e);
        }
    }
}
