package dev.tailor.data.internal.read;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/// Text or Markdown cut into rows with the one field `text`. A part that grows beyond the bound is
/// cut at the next blank line, so that any file can be streamed.
final class TextRows implements RowReader {
    private static final Pattern HEADING = Pattern.compile("#{1,6}\\s.*");
    private static final int LONGEST_PART = 4 << 20;

    private final Path file;
    private final LineReader lines;
    private final ReadOptions options;
    private final StringBuilder part = new StringBuilder();
    private long row;
    private long firstLine = 1;
    private boolean fenced;
    private boolean ended;

    TextRows(Path file, LineReader lines, ReadOptions options) {
        this.file = file;
        this.lines = lines;
        this.options = options;
    }

    @Override
    public @Nullable Item next() {
        while (!ended) {
            if (!lines.next()) {
                ended = true;
                return part.isEmpty() && row > 0 ? null : finished("");
            }
            String line = withoutReturn(lines.text());
            if (line.startsWith("```") || line.startsWith("~~~")) {
                fenced = !fenced;
            }
            if (!part.isEmpty() && endsBefore(line)) {
                return finished(line);
            }
            append(line);
        }
        return null;
    }

    private boolean endsBefore(String line) {
        boolean tooLong = part.length() > LONGEST_PART && line.isBlank();
        return tooLong
                || part.length() > Math.min(4L * LONGEST_PART, options.maxRowBytes())
                || switch (options.cut()) {
                    case FILE -> false;
                    case PARAGRAPH -> line.isBlank() && !fenced;
                    case LINE -> true;
                    case HEADING -> !fenced && HEADING.matcher(line).matches();
                };
    }

    private void append(String line) {
        if (part.isEmpty() && line.isBlank()) {
            firstLine = lines.line() + 1;
            return;
        }
        part.append(line).append('\n');
    }

    private Item.Row finished(String following) {
        row++;
        Item.Row finished =
                new Item.Row(file, row, firstLine, Map.of("text", part.toString().strip()));
        part.setLength(0);
        firstLine = lines.line();
        append(following);
        return finished;
    }

    private static String withoutReturn(String line) {
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    @Override
    public void close() {
        lines.close();
    }
}
