package dev.tailor.data.internal.read;

import org.jspecify.annotations.Nullable;

/// Reads the rows of one file, one at a time.
public interface RowReader extends AutoCloseable {
    /// The next row, or `null` at the end.
    ///
    /// @throws dev.tailor.core.TailorException `DATA_INVALID` if the file is not what it says
    @Nullable Item next();

    @Override
    void close();
}
