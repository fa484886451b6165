package dev.tailor.data;

import dev.tailor.data.internal.read.Item;
import dev.tailor.data.internal.read.ReadOptions;
import dev.tailor.data.internal.read.RowReader;
import dev.tailor.data.internal.read.Rows;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The samples of files, one file after another.
final class FileSamples implements SampleReader {
    private final Format format;
    private final Map<String, String> columns;
    private final ReadOptions options;
    private final Iterator<Path> files;
    private final Consumer<Rejection> rejections;
    private final Set<String> seen = new LinkedHashSet<>();
    private final Set<String> used = new HashSet<>();
    private @Nullable RowReader current;

    /// @param columns the format's names of columns, by what they are called in the files
    /// @param rejections is told of each row that is left out
    FileSamples(
            Format format,
            Map<String, String> columns,
            ReadOptions options,
            List<Path> files,
            Consumer<Rejection> rejections) {
        this.format = format;
        this.columns = columns;
        this.options = options;
        this.files = files.iterator();
        this.rejections = rejections;
    }

    @Override
    public @Nullable Sample next() {
        while (true) {
            if (current == null) {
                if (!files.hasNext()) {
                    return null;
                }
                current = Rows.open(files.next(), options);
            }
            Item item = current.next();
            if (item == null) {
                current.close();
                current = null;
                continue;
            }
            Sample sample = sample(item);
            if (sample != null) {
                return sample;
            }
        }
    }

    private @Nullable Sample sample(Item item) {
        Origin origin = new Origin(item.file(), item.row(), item.line());
        return switch (item) {
            case Item.Damaged damaged -> {
                rejections.accept(new Rejection(origin, damaged.reason(), damaged.verbatim()));
                yield null;
            }
            case Item.Row row -> {
                try {
                    Map<String, Object> fields = renamed(row.fields(), columns);
                    seen.addAll(fields.keySet());
                    yield RowShape.read(format, origin, new RowFields(fields, used));
                } catch (WrongWeight e) {
                    throw e.at(origin);
                } catch (RejectedRow e) {
                    rejections.accept(new Rejection(origin, e.reason(), excerpt(row.fields())));
                    yield null;
                }
            }
        };
    }

    static Map<String, Object> renamed(Map<String, Object> fields, Map<String, String> names) {
        if (names.isEmpty()) {
            return fields;
        }
        Map<String, Object> renamed = new HashMap<>(fields);
        names.forEach((file, formats) -> {
            if (fields.containsKey(file)) {
                renamed.remove(file);
                renamed.put(formats, fields.get(file));
            }
        });
        return renamed;
    }

    private static String excerpt(Map<String, Object> fields) {
        String text = fields.toString();
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }

    /// The columns that were seen and never asked for.
    List<String> unusedColumns() {
        Set<String> unused = new TreeSet<>(seen);
        unused.removeAll(used);
        return List.copyOf(unused);
    }

    @Override
    public void close() {
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
