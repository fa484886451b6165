package dev.tailor.tensors.internal;

import dev.tailor.core.AtomicWrite;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// A file of a header and named regions, written in any order by any thread. It knows which bytes
/// of which region are written and does not end before all of them are.
public final class RegionFile implements AutoCloseable {
    /// One write call from native memory; the JDK takes buffers of at most 2 GiB.
    private static final long MAX_WRITE = 1L << 30;

    /// One piece of a heap array on its way through native memory.
    private static final long MAX_COPY = 1L << 20;

    private final Path path;
    private final FileChannel channel;
    private final Map<String, Region> regions = new LinkedHashMap<>();

    /// Where a tensor's bytes lie in the file.
    public record Extent(long position, long bytes) {}

    /// An extent and the pieces `[begin, end)` of it that are written, joined where they touch.
    private record Region(Extent extent, TreeMap<Long, Long> written) {
        void add(long begin, long end) {
            synchronized (written) {
                long from = begin;
                long to = end;
                Map.Entry<Long, Long> before = written.floorEntry(from);
                if (before != null && before.getValue() >= from) {
                    from = before.getKey();
                    to = Math.max(to, before.getValue());
                }
                for (Map.Entry<Long, Long> next = written.ceilingEntry(from);
                        next != null && next.getKey() <= to;
                        next = written.ceilingEntry(from)) {
                    to = Math.max(to, next.getValue());
                    written.remove(next.getKey());
                }
                written.put(from, to);
            }
        }

        boolean complete() {
            synchronized (written) {
                return extent.bytes() == 0 || written.getOrDefault(0L, 0L) == extent.bytes();
            }
        }
    }

    private RegionFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /// Creates the file, replacing what stood there, and writes its header. The file ends at
    /// `length`; what no region covers is zero.
    public static RegionFile create(
            Path path, byte[] header, Map<String, Extent> extents, long length) {
        try {
            FileChannel channel =
                    FileChannel.open(
                            path,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE);
            RegionFile file = new RegionFile(path, channel);
            extents.forEach(
                    (name, extent) -> file.regions.put(name, new Region(extent, new TreeMap<>())));
            try {
                file.write(0, MemorySegment.ofArray(header));
                if (length > header.length) {
                    file.write(length - 1, MemorySegment.ofArray(new byte[1]));
                }
                return file;
            } catch (RuntimeException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            throw AtomicWrite.failure(path, e);
        }
    }

    /// The file's path.
    public Path path() {
        return path;
    }

    /// Writes a piece of a region.
    public void write(String name, long offset, MemorySegment bytes) {
        Region region = regions.get(name);
        if (region == null) {
            throw new IllegalArgumentException("no tensor '" + name + "' in the layout");
        }
        Objects.checkFromIndexSize(offset, bytes.byteSize(), region.extent().bytes());
        if (bytes.byteSize() > 0) {
            write(region.extent().position() + offset, bytes);
            region.add(offset, offset + bytes.byteSize());
        }
    }

    private void write(long position, MemorySegment bytes) {
        try (Arena arena = Arena.ofConfined()) {
            // Only native memory and byte arrays can be handed to a channel as they are.
            MemorySegment copy =
                    bytes.isNative()
                            ? MemorySegment.NULL
                            : arena.allocate(Math.min(MAX_COPY, bytes.byteSize()));
            long most = bytes.isNative() ? MAX_WRITE : MAX_COPY;
            long done = 0;
            while (done < bytes.byteSize()) {
                MemorySegment piece = bytes.asSlice(done, Math.min(most, bytes.byteSize() - done));
                if (!bytes.isNative()) {
                    piece = copy.asSlice(0, piece.byteSize()).copyFrom(piece);
                }
                done += channel.write(piece.asByteBuffer(), position + done);
            }
        } catch (IOException e) {
            throw AtomicWrite.failure(path, e);
        }
    }

    /// Forces the file to the disk, after checking that every byte of every region was written.
    public void finish() {
        regions.forEach((name, region) -> {
            if (!region.complete()) {
                throw new IllegalStateException("tensor '" + name + "' was not written completely");
            }
        });
        try {
            channel.force(true);
        } catch (IOException e) {
            throw AtomicWrite.failure(path, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw AtomicWrite.failure(path, e);
        }
    }
}
