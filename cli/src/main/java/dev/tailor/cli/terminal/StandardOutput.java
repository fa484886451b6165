package dev.tailor.cli.terminal;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.TailorException;

import org.jspecify.annotations.Nullable;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;

/// Standard output that remembers why it could not be written. A [java.io.PrintStream] passes over
/// failures, and results that never reached a full disk would look like success.
public final class StandardOutput extends OutputStream {
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    private @Nullable IOException failure;

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /// Why output was lost, if it was; a reader that has seen enough (`| head`) is no failure.
    public Optional<TailorException> failure() {
        return Optional.ofNullable(failure)
                .filter(e -> !String.valueOf(e.getMessage()).contains("Broken pipe"))
                .map(e -> AtomicWrite.failure(Path.of("standard output"), e));
    }
}
