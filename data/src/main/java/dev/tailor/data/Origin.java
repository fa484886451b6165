package dev.tailor.data;

import java.nio.file.Path;

/// Where a sample comes from.
///
/// @param file the file
/// @param row the ordinal of the row in the file, from 1
/// @param line the line where the row begins, from 1; 0 where the file has no lines
public record Origin(Path file, long row, long line) {
    /// A row of a file without lines.
    public Origin(Path file, long row) {
        this(file, row, 0);
    }

    /// `file:line`, or `file, row n`.
    @Override
    public String toString() {
        return line > 0 ? file + ":" + line : file + ", row " + row;
    }
}
