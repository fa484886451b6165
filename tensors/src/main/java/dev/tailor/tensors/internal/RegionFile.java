package dev.tailor.tensors.internal;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Crc32;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    private final byte[] header;
    private final Map<String, Region> regions = new LinkedHashMap<>();

    /// Where a tensor's bytes lie in the file.
    public record Extent(long position, long bytes) {}

    /// A piece of a region that is written, from its key on.
    private record Piece(long end, Crc32 sum) {}

    /// An extent and its pieces that are written, joined where they touch.
    private record Region(Extent extent, TreeMap<Long, Piece> written) {
        /// Adds a piece. Pieces are written once: overlapping ones are not accounted for.
        void add(long begin, Crc32 sum) {
            synchronized (written) {
                long from = begin;
                Piece piece = new Piece(begin + sum.length(), sum);
                Map.Entry<Long, Piece> before = written.lowerEntry(from);
                if (before != null && before.getValue().end() == from) {
                    from = before.getKey();
                    piece = new Piece(piece.end(), before.getValue().sum().then(piece.sum()));
                }
                Piece after = written.remove(piece.end());
                if (after != null) {
                    piece = new Piece(after.end(), piece.sum().then(after.sum()));
                }
                written.put(from, piece);
            }
        }

        Optional<Crc32> sum() {
            synchronized (written) {
                if (extent.bytes() == 0) {
                    return Optional.of(Crc32.EMPTY);
                }
                return Optional.ofNullable(written.get(0L))
                        .filter(piece -> piece.end() == extent.bytes())
                        .map(Piece::sum);
            }
        }
    }

    private RegionFile(Path path, FileChannel channel, byte[] header, Map<String, Extent> extents) {
        this.path = path;
        this.channel = channel;
        this.header = header;
        extents.forEach((name, extent) -> regions.put(name, new Region(extent, new TreeMap<>())));
    }

    /// Creates the file, replacing what stood there, and writes its header. The file ends at
    /// `length`; what no region covers is zero.
    public static RegionFile create(
            Path path, byte[] header, Map<String, Extent> extents, long length) {
        RegionFile file = open(path, header, extents, StandardOpenOption.TRUNCATE_EXISTING);
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
    }

    /// Opens a file that was begun before, to go on with it, or creates it if there is none with
    /// this header. Regions count as written only after [#recover].
    public static RegionFile resume(
            Path path, byte[] header, Map<String, Extent> extents, long length) {
        if (!isBegun(path, header, length)) {
            return create(path, header, extents, length);
        }
        return open(path, header, extents, StandardOpenOption.READ);
    }

    private static boolean isBegun(Path path, byte[] header, long length) {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer begin = ByteBuffer.allocate(header.length);
            while (begin.hasRemaining() && channel.read(begin, begin.position()) >= 0) {}
            return channel.size() == length && Arrays.equals(begin.array(), header);
        } catch (IOException e) {
            return false;
        }
    }

    private static RegionFile open(
            Path path, byte[] header, Map<String, Extent> extents, StandardOpenOption mode) {
        try {
            return new RegionFile(
                    path,
                    FileChannel.open(
                            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, mode),
                    header,
                    extents);
        } catch (IOException e) {
            throw AtomicWrite.failure(path, e);
        }
    }

    /// Counts a region as written if its bytes in the file have that checksum.
    public boolean recover(String name, Crc32 expected) {
        Region region = region(name);
        long bytes = region.extent().bytes();
        if (expected.length() != bytes) {
            return false;
        }
        Crc32 sum = Crc32.EMPTY;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, Math.min(MAX_COPY, bytes)));
            while (sum.length() < bytes) {
                MemorySegment piece = buffer.asSlice(0, Math.min(MAX_COPY, bytes - sum.length()));
                ByteBuffer target = piece.asByteBuffer();
                while (target.hasRemaining()) {
                    long at = region.extent().position() + sum.length() + target.position();
                    if (channel.read(target, at) < 0) {
                        return false;
                    }
                }
                sum = sum.then(Crc32.of(piece));
            }
        } catch (IOException e) {
            return false;
        }
        if (!sum.equals(expected)) {
            return false;
        }
        region.add(0, sum);
        return true;
    }

    /// The file's path.
    public Path path() {
        return path;
    }

    /// Writes a piece of a region. No byte is to be written twice.
    public void write(String name, long offset, MemorySegment bytes) {
        Region region = region(name);
        Objects.checkFromIndexSize(offset, bytes.byteSize(), region.extent().bytes());
        if (bytes.byteSize() > 0) {
            write(region.extent().position() + offset, bytes);
            region.add(offset, Crc32.of(bytes));
        }
    }

    private Region region(String name) {
        Region region = regions.get(name);
        if (region == null) {
            throw new IllegalArgumentException("no tensor '" + name + "' in the layout");
        }
        return region;
    }

    /// The checksum of a region, once it is written completely.
    public Optional<Crc32> checksum(String name) {
        return region(name).sum();
    }

    /// The checksum of the whole file, once it is written completely. (Regions stand in the order
    /// of the file, one after the other.)
    public Crc32 checksum() {
        Crc32 sum = Crc32.of(MemorySegment.ofArray(header));
        for (Region region : regions.values()) {
            sum = sum.then(region.sum().orElseThrow());
        }
        return sum;
    }

    /// Brings what is written so far to the disk, so that little is left to do at the end.
    public void flush() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw AtomicWrite.failure(path, e);
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

    /// Checks that every byte of every region was written.
    public void finish() {
        regions.forEach((name, region) -> {
            if (region.sum().isEmpty()) {
                throw new IllegalStateException("tensor '" + name + "' was not written completely");
            }
        });
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
