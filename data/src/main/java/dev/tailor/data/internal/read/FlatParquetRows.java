package dev.tailor.data.internal.read;

import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.Validity;
import dev.hardwood.schema.ColumnProjection;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Rows of a Parquet file without nested columns, in batches whose size fits the rows' own:
/// hardwood's row reader takes hundreds of thousands of rows at once, which is gigabytes where a
/// row is a document.
final class FlatParquetRows implements AutoCloseable {
    private static final long BATCH_BYTES = 4L << 20;

    private final ColumnReaders columns;
    private Batch[] batch = {};
    private int count;
    private int next;

    /// One column's values of the current batch.
    private record Batch(String name, Validity validity, Object values, int[] offsets) {
        @Nullable Object value(int row) {
            if (validity.hasNulls() && validity.isNull(row)) {
                return null;
            }
            return switch (values) {
                case int[] ints -> (long) ints[row];
                case long[] longs -> longs[row];
                case float[] floats -> (double) floats[row];
                case double[] doubles -> doubles[row];
                case boolean[] booleans -> booleans[row];
                case byte[] bytes ->
                        new String(
                                bytes,
                                offsets[row],
                                offsets[row + 1] - offsets[row],
                                StandardCharsets.UTF_8);
                default -> null;
            };
        }
    }

    FlatParquetRows(ParquetFileReader reader) {
        long rows = 0;
        long bytes = 0;
        for (RowGroup group : reader.getFileMetaData().rowGroups()) {
            rows += group.numRows();
            bytes += group.totalByteSize();
        }
        long rowBytes = Math.max(1, bytes / Math.max(1, rows));
        columns =
                reader.buildColumnReaders(ColumnProjection.all())
                        .batchSize((int) Math.clamp(BATCH_BYTES / rowBytes, 1, 4096))
                        .build();
    }

    /// The next row's fields, or `null` at the end.
    @SuppressWarnings("NullAway") // null is a value of maps
    @Nullable Map<String, Object> next() {
        while (next == count) {
            if (!columns.nextBatch()) {
                return null;
            }
            load();
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Batch column : batch) {
            fields.put(column.name(), column.value(next));
        }
        next++;
        return fields;
    }

    private void load() {
        count = columns.getRecordCount();
        next = 0;
        batch = new Batch[columns.getColumnCount()];
        for (int i = 0; i < batch.length; i++) {
            ColumnReader column = columns.getColumnReader(i);
            Object values =
                    switch (column.getColumnSchema().type()) {
                        case BOOLEAN -> column.getBooleans();
                        case INT32 -> column.getInts();
                        case INT64 -> column.getLongs();
                        case FLOAT -> column.getFloats();
                        case DOUBLE -> column.getDoubles();
                        case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> column.getBinaryValues();
                    };
            int[] offsets = values instanceof byte[] ? column.getBinaryOffsets() : new int[0];
            batch[i] =
                    new Batch(
                            column.getColumnSchema().name(),
                            column.getLeafValidity(),
                            values,
                            offsets);
        }
    }

    @Override
    public void close() {
        columns.close();
    }
}
