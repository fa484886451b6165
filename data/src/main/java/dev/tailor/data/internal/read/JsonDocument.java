package dev.tailor.data.internal.read;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// A JSON document read as a stream: an array of objects, an object that holds such an array under
/// `data` or `train`, or objects one after another.
final class JsonDocument implements RowReader {
    private static final Set<String> CONTAINERS = Set.of("data", "train");

    private final Path file;
    private final JsonParser parser;
    private long row;
    private boolean inArray;
    // Inside {"data": [...]}: what follows the array belongs to no row.
    private boolean enclosed;
    private boolean ended;

    JsonDocument(Path file, InputStream in, ReadOptions options) {
        this.file = file;
        this.parser = new JsonValues(options).parser(in);
    }

    @Override
    public @Nullable Item next() {
        if (ended) {
            return null;
        }
        try {
            Item item = inArray ? element() : root();
            ended = item == null;
            return item;
        } catch (StreamConstraintsException e) {
            throw Refusal.of(file, line(), "JSON too deeply nested, or a text too long");
        } catch (UnexpectedEndOfInputException e) {
            throw Refusal.of(
                    file, line(), "the file ends in the middle", "download or export it again");
        } catch (JacksonException e) {
            String what = String.valueOf(e.getOriginalMessage());
            if (what.startsWith("Invalid UTF-8")) {
                throw Refusal.notUtf8(file, line());
            }
            throw Refusal.of(file, line(), "not valid JSON: " + firstSentence(what)).causedBy(e);
        }
    }

    private @Nullable Item element() {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.END_ARRAY) {
            inArray = false;
            return afterArray();
        }
        if (token == null) {
            throw Refusal.of(file, line(), "the file ends in the middle", "export it again");
        }
        row++;
        long line = line();
        Object value = JsonValues.value(parser);
        if (value instanceof Map<?, ?> map) {
            return row(line, map);
        }
        return new Item.Damaged(
                file,
                row,
                line,
                "an array's element that is not an object {...}",
                LineReader.excerpt(String.valueOf(value)));
    }

    /// Reads to the end, so that a cut or overlong file does not pass for a whole one.
    private @Nullable Item afterArray() {
        while (enclosed && parser.nextToken() != JsonToken.END_OBJECT) {
            parser.nextToken();
            parser.skipChildren();
        }
        if (parser.nextToken() != null) {
            throw Refusal.of(file, line(), "something follows the end of the JSON document");
        }
        return null;
    }

    private @Nullable Item root() {
        JsonToken token = parser.nextToken();
        if (token == null) {
            return null;
        }
        if (token == JsonToken.START_ARRAY && row == 0) {
            inArray = true;
            return element();
        }
        if (token != JsonToken.START_OBJECT) {
            throw Refusal.of(
                    file,
                    line(),
                    "JSON, but neither objects nor an array of objects",
                    "write [{...}, {...}] or one object per line");
        }
        long line = line();
        Map<String, Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (row == 0 && value == JsonToken.START_ARRAY && CONTAINERS.contains(name)) {
                inArray = true;
                enclosed = true;
                return element();
            }
            put(fields, name);
        }
        row++;
        return row(line, fields);
    }

    @SuppressWarnings("NullAway") // JSON null is a value of maps
    private void put(Map<String, Object> fields, String name) {
        fields.put(name, JsonValues.value(parser));
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private Item.Row row(long line, Map<?, ?> map) {
        return new Item.Row(file, row, line, (Map<String, Object>) map);
    }

    private long line() {
        return parser.currentLocation().getLineNr();
    }

    private static String firstSentence(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    @Override
    public void close() {
        parser.close();
    }
}
