package dev.tailor.data;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.internal.read.DataFiles;
import dev.tailor.data.internal.read.FileKind;
import dev.tailor.data.internal.read.Item;
import dev.tailor.data.internal.read.ReadOptions;
import dev.tailor.data.internal.read.RowReader;
import dev.tailor.data.internal.read.Rows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The rows of files as they are, for those who know themselves what the columns mean: JSON lines,
/// JSON, Parquet, CSV and TSV.
///
/// @param rows the rows that can be read, in order
/// @param damaged why others cannot, with their places
public record RawRows(List<Row> rows, List<String> damaged) {
    /// A row.
    ///
    /// @param fields strings, longs, doubles, booleans, nulls, lists and maps by their columns
    public record Row(Origin origin, Map<String, Object> fields) {}

    public RawRows {
        rows = List.copyOf(rows);
        damaged = List.copyOf(damaged);
    }

    /// Reads a file, or all files of a directory. Columns of CSV and TSV that hold only numbers
    /// become numbers.
    ///
    /// @throws TailorException `FILE_NOT_FOUND`; `DATA_INVALID` if there is not one row
    public static RawRows read(Path path) {
        DataSource.Limits limits = DataSource.Limits.standard();
        ReadOptions options =
                new ReadOptions(
                        ReadOptions.Cut.FILE,
                        limits.maxRowBytes(),
                        limits.maxNesting(),
                        limits.maxExpansion());
        List<Row> rows = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        for (Path file : DataFiles.find(Path.of(""), List.of(path.toString())).files()) {
            List<Row> own = new ArrayList<>();
            try (RowReader reader = Rows.open(file, options)) {
                for (Item item = reader.next(); item != null; item = reader.next()) {
                    Origin origin = new Origin(item.file(), item.row(), item.line());
                    switch (item) {
                        case Item.Row row -> own.add(new Row(origin, row.fields()));
                        case Item.Damaged bad -> damaged.add(origin + ": " + bad.reason());
                    }
                }
            }
            rows.addAll(isDelimited(file) ? NumberColumns.typed(own) : own);
        }
        if (rows.isEmpty()) {
            throw TailorException.of(ErrorCode.DATA_INVALID, "there is not one row to read")
                    .at(path)
                    .remedy(damaged.isEmpty() ? "the file is empty" : damaged.getFirst());
        }
        return new RawRows(rows, damaged);
    }

    private static boolean isDelimited(Path file) {
        return FileKind.of(file)
                .map(kind -> kind == FileKind.CSV || kind == FileKind.TSV)
                .orElse(false);
    }
}
