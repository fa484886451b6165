package dev.tailor.tensors.internal;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file that is both mapped and open for positional reads, by any thread, until it is closed.
///
/// Mapped pages count as resident memory until the file is closed; positional reads do not. Work
/// that streams over whole models reads, work that looks something up maps.
public final class MappedFile implements AutoCloseable {
    /// One read call; the JDK takes buffers of at most 2 GiB.
    private static final long MAX_READ = 1L << 30;

    private final Path path;
    private final FileChannel channel;
    private final Arena arena;
    private final MemorySegment bytes;

    private MappedFile(Path path, FileChannel channel, Arena arena, MemorySegment bytes) {
        this.path = path;
        this.channel = channel;
        this.arena = arena;
        this.bytes = bytes;
    }

    /// Opens and maps a regular file.
    @SuppressWarnings("MustBeClosedChecker") // the arena becomes the new object's, closed with it
    public static MappedFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND,
                            Files.exists(path) ? "not a regular file" : "no such file")
                    .at(path);
        }
        Arena arena = Arena.ofShared();
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            try {
                MemorySegment bytes =
                        channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
                return new MappedFile(path, channel, arena, bytes);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            arena.close();
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e.getMessage())
                    .at(path)
                    .causedBy(e);
        }
    }

    /// Where the file lies.
    public Path path() {
        return path;
    }

    /// The whole file; read-only, valid until closed.
    public MemorySegment bytes() {
        return bytes;
    }

    /// Fills `target` with the bytes from `position` on.
    public void read(long position, MemorySegment target) {
        long done = 0;
        try {
            while (done < target.byteSize()) {
                long piece = Math.min(MAX_READ, target.byteSize() - done);
                ByteBuffer buffer = target.asSlice(done, piece).asByteBuffer();
                int n = channel.read(buffer, position + done);
                if (n < 0) {
                    throw Corrupt.file(path, "the file became shorter while it was read");
                }
                done += n;
            }
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "cannot read: " + e.getMessage())
                    .at(path)
                    .remedy("the disk may be failing: copy the file anew from where it came")
                    .causedBy(e);
        }
    }

    @Override
    public void close() {
        arena.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
