package dev.tailor.data.internal.read;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Opens a file with the reader for its kind.
public final class Rows {
    private Rows() {}

    /// @throws dev.tailor.core.TailorException `FILE_NOT_FOUND`, or `DATA_INVALID` if the file is
    ///   not what its name says
    public static RowReader open(Path file, ReadOptions options) {
        FileKind kind =
                FileKind.of(file)
                        .orElseThrow(() ->
                                Refusal.of(
                                        file,
                                        0,
                                        "the name does not say what kind of file it is",
                                        "known are " + FileKind.KNOWN));
        return switch (kind) {
            case JSONL -> jsonLines(file, options);
            case JSON -> new JsonDocument(file, TextInput.open(file, options), options);
            case PARQUET -> new ParquetRows(file);
            case CSV, TSV -> new DelimitedRows(file, lines(file, options), kind, options);
            case TEXT -> new TextRows(file, lines(file, options), options);
            case HTML -> new DocumentRow(file, () -> html(file, options));
            case PDF -> new DocumentRow(file, () -> PdfText.of(file));
        };
    }

    /// Some call an array of objects `.jsonl`; it is read for what it is.
    private static RowReader jsonLines(Path file, ReadOptions options) {
        InputStream in = TextInput.open(file, options);
        try {
            in.mark(1024);
            byte[] head = in.readNBytes(1024);
            in.reset();
            if (new String(head, StandardCharsets.ISO_8859_1).stripLeading().startsWith("[")) {
                return new JsonDocument(file, in, options);
            }
        } catch (IOException e) {
            throw Refusal.unreadable(file, e);
        }
        return new JsonLines(file, new LineReader(file, in, options.maxRowBytes()), options);
    }

    private static LineReader lines(Path file, ReadOptions options) {
        return new LineReader(file, TextInput.open(file, options), options.maxRowBytes());
    }

    private static String html(Path file, ReadOptions options) {
        try (InputStream in = TextInput.open(file, options)) {
            return HtmlText.of(in);
        } catch (IOException e) {
            throw Refusal.unreadable(file, e);
        }
    }
}
