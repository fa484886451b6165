package dev.tailor.data.internal.read;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/// A document as its file's only row.
final class DocumentRow implements RowReader {
    private final Path file;
    private final Supplier<String> text;
    private boolean done;

    DocumentRow(Path file, Supplier<String> text) {
        this.file = file;
        this.text = text;
    }

    @Override
    public @Nullable Item next() {
        if (done) {
            return null;
        }
        done = true;
        return new Item.Row(file, 1, 0, Map.of("text", text.get()));
    }

    @Override
    public void close() {
        done = true;
    }
}
