package dev.tailor.data.internal.read;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

import java.nio.file.Path;
import java.util.Map;

/// One JSON object per line. A broken line is a damaged row; a file whose first line is no JSON, or
/// that ends in the middle of a row, is refused.
final class JsonLines implements RowReader {
    private final Path file;
    private final LineReader lines;
    private final JsonValues json;
    private long row;

    JsonLines(Path file, LineReader lines, ReadOptions options) {
        this.file = file;
        this.lines = lines;
        this.json = new JsonValues(options);
    }

    @Override
    public @Nullable Item next() {
        if (!lines.next()) {
            return null;
        }
        row++;
        if (lines.isBlank()) {
            return damaged("an empty line");
        }
        try {
            Object value = json.parse(lines.buffer(), lines.start(), lines.length());
            if (value instanceof Map<?, ?> map) {
                @SuppressWarnings("unchecked") // JSON objects have string keys
                Map<String, Object> fields = (Map<String, Object>) map;
                return new Item.Row(file, row, lines.line(), fields);
            }
            return damaged("JSON, but not an object {...}");
        } catch (JsonValues.UnreadableJson e) {
            return damaged("not valid JSON: " + e.getMessage());
        } catch (StreamConstraintsException e) {
            return damaged("JSON beyond the bounds (too deeply nested, or too long)");
        } catch (JacksonException e) {
            return broken(e);
        }
    }

    private Item broken(JacksonException e) {
        if (lines.decoded() == null) {
            throw Refusal.notUtf8(file, lines.line());
        }
        if (row == 1) {
            byte[] head = lines.head();
            String found = Sniff.describe(head, head.length);
            if (!found.equals("JSON")) {
                throw Refusal.of(
                        file, lines.line(), "not JSON lines but " + found, Sniff.remedy(found));
            }
        }
        if (e instanceof UnexpectedEndOfInputException && !lines.isTerminated()) {
            throw Refusal.of(
                    file,
                    lines.line(),
                    "the file ends in the middle of a row",
                    "download it again, or remove the last line");
        }
        return damaged("not valid JSON");
    }

    private Item.Damaged damaged(String reason) {
        return new Item.Damaged(file, row, lines.line(), reason, lines.excerpt());
    }

    @Override
    public void close() {
        lines.close();
    }
}
