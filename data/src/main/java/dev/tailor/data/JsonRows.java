package dev.tailor.data;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Location;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The objects of a small JSONL file whose keys the reader knows: the first one that is wrong is an
/// error with its line. For data sets, see [DataSet]; for rows of any shape, [RawRows].
public final class JsonRows {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private JsonRows() {}

    /// An object with its place.
    public record Row(Location place, JsonNode json) {
        /// The text of a field that must hold text.
        public String text(String field) {
            JsonNode value = json.path(field);
            if (!value.isString()) {
                throw invalid("'" + field + "' must be text");
            }
            return value.stringValue();
        }

        /// The text or the whole number of a field that names the row.
        public String key(String field) {
            JsonNode value = json.path(field);
            if (!value.isString() && !value.isIntegralNumber()) {
                throw invalid("'" + field + "' must be a whole number or text");
            }
            return value.asString();
        }

        /// The ids of a field that must hold a list of whole numbers below `vocabulary`.
        public int[] tokens(String field, int vocabulary) {
            JsonNode value = json.path(field);
            if (!value.isArray() || value.isEmpty()) {
                throw invalid("'" + field + "' must be a list of token ids");
            }
            int[] ids = new int[value.size()];
            for (int i = 0; i < ids.length; i++) {
                JsonNode id = value.get(i);
                if (!id.isIntegralNumber() || id.longValue() < 0 || id.longValue() >= vocabulary) {
                    throw invalid(
                            "'" + field + "' holds " + id + "; ids are 0 to " + (vocabulary - 1));
                }
                ids[i] = id.intValue();
            }
            return ids;
        }

        /// The error for this row.
        public TailorException invalid(String what) {
            return TailorException.of(ErrorCode.DATA_INVALID, what).at(place);
        }
    }

    /// A value as numbers, texts, lists and maps.
    public static Object plain(JsonNode value) {
        return JSON.convertValue(value, Object.class);
    }

    /// The objects of a file; empty lines are passed over.
    ///
    /// @throws TailorException FILE_NOT_FOUND; DATA_INVALID with the line
    public static List<Row> read(Path file) {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return read(file, reader);
        } catch (NoSuchFileException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no such file").at(file).causedBy(e);
        } catch (MalformedInputException e) {
            throw TailorException.of(ErrorCode.DATA_INVALID, "not UTF-8 text").at(file).causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e)
                    .at(file)
                    .causedBy(e);
        }
    }

    /// The objects of an open file.
    public static List<Row> read(Path file, Reader text) throws IOException {
        BufferedReader reader = new BufferedReader(text);
        List<Row> rows = new ArrayList<>();
        int number = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (!line.isBlank()) {
                rows.add(row(Location.line(file, number), line));
            }
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
