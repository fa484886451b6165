package dev.tailor.core;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Writes files and directories so that a reader sees the old or the new one, never a half of it:
/// into a temporary sibling, forced to the disk, then renamed.
public final class AtomicWrite {
    private AtomicWrite() {}

    /// Fills something at the path it is given.
    @FunctionalInterface
    public interface Filler {
        /// Writes at `path`, which lies beside the final place.
        void fill(Path path) throws IOException;
    }

    /// Writes a text file in UTF-8. Halves of surrogate pairs, which data may hold, become `?`.
    public static void text(Path target, String content) {
        file(target, path -> Files.write(path, content.getBytes(StandardCharsets.UTF_8)));
    }

    /// Writes one file; whatever stood there before is replaced in one step.
    public static void file(Path target, Filler filler) {
        Path temporary = sibling(target);
        try {
            createParent(target);
            filler.fill(temporary);
            force(temporary);
            Files.move(
                    temporary,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            forceDirectory(target.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw failure(target, e);
        } finally {
            deleteTree(temporary);
        }
    }

    /// Writes a whole directory. An existing directory is replaced: moved aside first, deleted
    /// after.
    public static void directory(Path target, Filler filler) {
        Path temporary = sibling(target);
        try {
            deleteTree(temporary);
            fill(target, temporary, filler, true);
        } finally {
            deleteTree(temporary);
        }
    }

    /// Writes a whole directory in work that can be gone on with: what a writer that failed or was
    /// killed has left is found by the next one, at the path that `filler` is given. One writer at
    /// a time; a second one is [ErrorCode#CONFIG_INVALID].
    ///
    /// @param forced whether the directory appears only once it is on the disk; otherwise the
    ///   system writes it in its own time, and a power cut within the next half minute can damage
    ///   it
    public static void resumableDirectory(Path target, boolean forced, Filler filler) {
        Path temporary = unfinished(target);
        Path lock = target.resolveSibling("." + target.getFileName() + ".lock");
        try {
            createParent(target);
            try (FileChannel channel =
                            FileChannel.open(
                                    lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = tryLock(channel)) {
                if (held == null) {
                    throw TailorException.of(
                                    ErrorCode.CONFIG_INVALID, "another process is writing there")
                            .at(target)
                            .remedy("wait for it, or choose another place");
                }
                try {
                    fill(target, temporary, filler, forced);
                } finally {
                    Files.deleteIfExists(lock);
                }
            }
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // held by this very process
        }
    }

    /// Where [#resumableDirectory] works until it is done.
    public static Path unfinished(Path target) {
        return target.resolveSibling("." + target.getFileName() + ".unfinished");
    }

    private static void fill(Path target, Path temporary, Filler filler, boolean forced) {
        Path replaced = target.resolveSibling("." + target.getFileName() + ".replaced");
        try {
            createParent(target);
            Files.createDirectories(temporary);
            filler.fill(temporary);
            if (forced) {
                forceTree(temporary);
            }
            deleteTree(replaced);
            if (Files.exists(target)) {
                Files.move(target, replaced);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            if (forced) {
                forceDirectory(target.toAbsolutePath().getParent());
            }
            deleteTree(replaced);
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    private static void forceTree(Path root) throws IOException {
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path path : (Iterable<Path>) walk::iterator) {
                if (Files.isRegularFile(path)) {
                    force(path);
                } else {
                    forceDirectory(path);
                }
            }
        }
    }

    /// Deletes a file or directory with all it holds, if it exists. Links are deleted, not
    /// followed.
    public static void deleteTree(Path root) {
        if (!Files.exists(root, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw failure(root, e);
        }
    }

    /// Appends one line to a file. It reaches the disk when the system writes it.
    public static void appendLine(Path file, String line) {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    /// The error for a failed write: a full disk is told apart from the rest.
    public static TailorException failure(Path target, IOException e) {
        String reason = e.getMessage() == null ? e.toString() : e.getMessage();
        boolean full =
                List.of("No space left", "Disk quota", "not enough space").stream()
                        .anyMatch(reason::contains);
        return full
                ? TailorException.of(ErrorCode.DISK_FULL, "no space left while writing")
                        .at(target)
                        .remedy(
                                "free some space or choose another place, then run the same command"
                                        + " again")
                        .causedBy(e)
                : TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot write: " + reason)
                        .at(target)
                        .causedBy(e);
    }

    private static Path sibling(Path target) {
        return target.resolveSibling(
                "." + target.getFileName() + ".tmp-" + ProcessHandle.current().pid());
    }

    private static void createParent(Path target) throws IOException {
        Path parent = target.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static void forceDirectory(@Nullable Path directory) throws IOException {
        if (directory == null) {
            return;
        }
        // A rename is durable only once its directory is; systems that cannot open one have no need
        // to.
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (AtomicMoveNotSupportedException | java.nio.file.AccessDeniedException e) {
            return;
        }
    }
}
