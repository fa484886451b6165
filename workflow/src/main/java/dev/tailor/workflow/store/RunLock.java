package dev.tailor.workflow.store;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;

/// Keeps two processes from running in one directory. The operating system holds the lock, so that
/// it ends with the process however that ends; the file only names the holder.
public final class RunLock implements AutoCloseable {
    private final FileChannel channel;
    private final FileLock lock;

    private RunLock(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /// Takes the lock of a run directory, which is made if need be.
    ///
    /// @throws TailorException USAGE when another run holds it
    public static RunLock take(RunDirectory directory) {
        Path file = directory.lock();
        try {
            Files.createDirectories(directory.root());
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            Optional<FileLock> lock = tryLock(channel);
            if (lock.isEmpty()) {
                throw busy(directory, channel);
            }
            channel.truncate(0);
            String holder = "process " + ProcessHandle.current().pid() + " since " + Instant.now();
            channel.write(StandardCharsets.UTF_8.encode(holder + "\n"), 0);
            return new RunLock(channel, lock.get());
        } catch (IOException e) {
            throw AtomicWrite.failure(file, e);
        }
    }

    /// Empty when another process, or another run of this one, holds the lock.
    private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException e) {
            return Optional.empty();
        }
    }

    private static TailorException busy(RunDirectory directory, FileChannel channel) {
        String holder = "another process";
        try (channel) {
            ByteBuffer bytes = ByteBuffer.allocate(200);
            channel.read(bytes, 0);
            String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
            holder = text.isEmpty() ? holder : text;
        } catch (IOException e) {
            // The name of the holder is a courtesy; that there is one is certain.
            holder = "another process";
        }
        return TailorException.of(ErrorCode.USAGE, "another run works here (" + holder + ")")
                .at(directory.root())
                .remedy("wait until it has ended, or choose another directory with --out");
    }

    @Override
    public void close() {
        try (channel) {
            channel.truncate(0);
            lock.release();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
