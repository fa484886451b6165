package dev.tailor.data.internal.read;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Failures of whole files.
final class Refusal {
    private static final String AGAIN = "make or download the file again";

    private Refusal() {}

    /// The file is not what it says, at a line (0: nowhere in particular).
    static TailorException of(Path file, long line, String what, String remedy) {
        return TailorException.of(ErrorCode.DATA_INVALID, what)
                .at(line > 0 ? file + ":" + line : file)
                .remedy(remedy);
    }

    /// The same with the usual advice.
    static TailorException of(Path file, long line, String what) {
        return of(file, line, what, AGAIN);
    }

    /// Not UTF-8.
    static TailorException notUtf8(Path file, long line) {
        return of(
                file,
                line,
                "not UTF-8 text",
                "convert it: iconv -f WINDOWS-1252 -t UTF-8 (or whatever encoding it has)");
    }

    /// A file that cannot be opened or read.
    static TailorException unreadable(Path file, IOException cause) {
        boolean missing = cause instanceof NoSuchFileException;
        return TailorException.of(
                        missing ? ErrorCode.FILE_NOT_FOUND : ErrorCode.DATA_INVALID,
                        missing ? "no such file" : "cannot be read: " + cause.getMessage())
                .at(file)
                .causedBy(cause);
    }
}
