package dev.tailor.data.internal.read;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Comma- or tab-separated values after RFC 4180, with a header. All fields are strings.
final class DelimitedRows implements RowReader {
    private final Path file;
    private final LineReader lines;
    private final int maxRow;
    private final char delimiter;
    private final List<String> header;
    private long row;
    private long firstLine;

    DelimitedRows(Path file, LineReader lines, FileKind kind, ReadOptions options) {
        this.file = file;
        this.lines = lines;
        this.maxRow = options.maxRowBytes();
        if (!lines.next()) {
            throw Refusal.of(file, 1, "an empty file: there is not even a header");
        }
        String first = lines.text();
        this.delimiter = kind == FileKind.TSV ? '\t' : delimiterOf(first);
        this.header = fields(first);
        if (new HashSet<>(header).size() != header.size()) {
            throw Refusal.of(
                    file, 1, "two columns have the same name: " + header, "rename one of them");
        }
    }

    /// Spreadsheets of countries with a decimal comma write semicolons.
    private static char delimiterOf(String header) {
        char best = ',';
        long most = header.chars().filter(c -> c == best).count();
        for (char other : new char[] {';', '\t'}) {
            if (header.chars().filter(c -> c == other).count() > most) {
                return other;
            }
        }
        return best;
    }

    @Override
    public @Nullable Item next() {
        if (!lines.next()) {
            return null;
        }
        row++;
        firstLine = lines.line();
        if (lines.isBlank() && header.size() > 1) {
            return new Item.Damaged(file, row, firstLine, "an empty line", "");
        }
        String excerpt = lines.excerpt();
        List<String> values = fields(lines.text());
        if (values.size() != header.size()) {
            return new Item.Damaged(
                    file,
                    row,
                    firstLine,
                    "%d fields where the header has %d".formatted(values.size(), header.size()),
                    excerpt);
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            fields.put(header.get(i), values.get(i));
        }
        return new Item.Row(file, row, firstLine, fields);
    }

    /// Splits a record, reading on where a quoted field goes over several lines.
    private List<String> fields(String firstOfRecord) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        String line = firstOfRecord;
        boolean quoted = false;
        int i = 0;
        while (true) {
            if (quoted && i >= line.length()) {
                field.append('\n');
                line = continued(field);
                i = 0;
                continue;
            }
            if (i >= line.length() || (!quoted && isLineEnd(line, i))) {
                fields.add(field.toString());
                return fields;
            }
            char c = line.charAt(i++);
            if (quoted && c == '"') {
                boolean escaped = i < line.length() && line.charAt(i) == '"';
                quoted = escaped;
                if (escaped) {
                    field.append('"');
                    i++;
                }
            } else if (!quoted && c == '"' && field.isEmpty()) {
                quoted = true;
            } else if (!quoted && c == delimiter) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
    }

    private String continued(StringBuilder field) {
        if (field.length() > maxRow || !lines.next()) {
            throw Refusal.of(
                    file,
                    Math.max(firstLine, 1),
                    "a quoted field that begins in this row never ends",
                    "close the quotation mark; write \"\" for a quotation mark inside a field");
        }
        return lines.text();
    }

    private static boolean isLineEnd(String line, int i) {
        return i == line.length() - 1 && line.charAt(i) == '\r';
    }

    @Override
    public void close() {
        lines.close();
    }
}
