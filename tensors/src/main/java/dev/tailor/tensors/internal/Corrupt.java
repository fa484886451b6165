package dev.tailor.tensors.internal;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.nio.file.Path;

/// The error for a file that is not what it claims to be. Whatever comes from the file is shortened
/// and freed of control characters before it is shown.
public final class Corrupt {
    private static final int LONGEST_QUOTE = 120;

    private Corrupt() {}

    /// The whole file is wrong.
    public static TailorException file(Path file, String what) {
        return TailorException.of(ErrorCode.FILE_CORRUPT, what)
                .at(file)
                .remedy("the file is damaged or not what it claims to be: fetch or make it again");
    }

    /// One tensor of the file is wrong.
    public static TailorException tensor(Path file, String name, String what) {
        return file(file, "tensor " + quote(name) + ": " + what);
    }

    /// Text from a file, in quotes, safe to print.
    public static String quote(String text) {
        String shown =
                text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) + "..." : text;
        return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
