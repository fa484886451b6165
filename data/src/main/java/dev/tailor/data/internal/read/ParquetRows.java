package dev.tailor.data.internal.read;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqMap;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The rows of a Parquet file; structs become maps, lists lists.
final class ParquetRows implements dev.tailor.data.internal.read.RowReader {
    // hardwood tells which codecs it chose; held here, since loggers nobody holds are forgotten.
    private static final Logger QUIET = Logger.getLogger("dev.hardwood");

    static {
        QUIET.setLevel(Level.SEVERE);
    }

    private final Path file;
    private final ParquetFileReader reader;
    // One of the two: nested columns need hardwood's row reader.
    private final @Nullable FlatParquetRows flat;
    private final @Nullable RowReader nested;
    private long row;

    ParquetRows(Path file) {
        this.file = file;
        checkMagic(file);
        ParquetFileReader opened = null;
        try {
            opened = ParquetFileReader.open(InputFile.of(file));
            boolean isFlat = opened.getFileSchema().isFlatSchema();
            this.flat = isFlat ? new FlatParquetRows(opened) : null;
            this.nested = isFlat ? null : opened.rowReader();
            this.reader = opened;
        } catch (IOException | RuntimeException e) {
            closeQuietly(opened);
            throw damaged(e);
        }
    }

    private static void checkMagic(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(512);
            boolean magic =
                    head.length >= 4
                            && new String(head, 0, 4, StandardCharsets.ISO_8859_1).equals("PAR1");
            if (!magic) {
                String found = Sniff.describe(head, head.length);
                throw Refusal.of(file, 0, "not a Parquet file but " + found, Sniff.remedy(found));
            }
        } catch (IOException e) {
            throw Refusal.unreadable(file, e);
        }
    }

    @Override
    public @Nullable Item next() {
        try {
            Map<String, Object> fields = fields();
            if (fields == null) {
                return null;
            }
            row++;
            return new Item.Row(file, row, 0, fields);
        } catch (RuntimeException e) {
            throw damaged(e);
        }
    }

    private @Nullable Map<String, Object> fields() {
        if (flat != null) {
            return flat.next();
        }
        if (nested == null || !nested.hasNext()) {
            return null;
        }
        nested.next();
        return map(nested);
    }

    @SuppressWarnings("NullAway") // null is a value of maps
    private static Map<String, Object> map(StructAccessor struct) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < struct.getFieldCount(); i++) {
            map.put(struct.getFieldName(i), struct.isNull(i) ? null : value(struct.getValue(i)));
        }
        return map;
    }

    @SuppressWarnings("NullAway") // null is a value of lists and maps
    private static @Nullable Object value(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Boolean flag -> flag;
            case Double number -> number;
            case Float number -> number.doubleValue();
            case Number number -> number.longValue();
            case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
            case PqStruct struct -> map(struct);
            case PqList list -> {
                List<Object> values = new ArrayList<>(list.size());
                for (int i = 0; i < list.size(); i++) {
                    values.add(list.isNull(i) ? null : value(list.get(i)));
                }
                yield values;
            }
            case PqMap entries -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (PqMap.Entry entry : entries.getEntries()) {
                    map.put(String.valueOf(entry.getKey()), value(entry.getValue()));
                }
                yield map;
            }
            default -> value.toString();
        };
    }

    private RuntimeException damaged(Exception e) {
        if (e instanceof UnsupportedOperationException) {
            return Refusal.of(
                            file,
                            0,
                            "a Parquet file in a coding that is not supported: " + e.getMessage(),
                            "write it with Snappy, Zstandard or no compression")
                    .causedBy(e);
        }
        Throwable cause =
                e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
        return Refusal.of(file, 0, "a damaged Parquet file: " + cause.getMessage()).causedBy(e);
    }

    private static void closeQuietly(@Nullable ParquetFileReader reader) {
        if (reader == null) {
            return;
        }
        try {
            reader.close();
        } catch (IOException e) {
            return;
        }
    }

    @Override
    public void close() {
        if (flat != null) {
            flat.close();
        }
        if (nested != null) {
            nested.close();
        }
        closeQuietly(reader);
    }
}
