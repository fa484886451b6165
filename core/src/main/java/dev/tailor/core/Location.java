package dev.tailor.core;

import java.nio.file.Path;

/// A place in a text file; line and column count from 1, 0 means unknown.
public record Location(Path file, int line, int column) {
    /// A place known only by its line.
    public static Location line(Path file, int line) {
        return new Location(file, line, 0);
    }

    /// `file:line:column`, leaving out what is unknown.
    @Override
    public String toString() {
        if (line == 0) {
            return file.toString();
        }
        return column == 0 ? file + ":" + line : file + ":" + line + ":" + column;
    }
}
