package dev.tailor.tensors.internal;

import dev.tailor.core.AtomicWrite;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// One safetensors file being written: the header first, then every tensor's bytes at their final
/// place, in any order, by any thread.
public final class ShardFile implements AutoCloseable {
    private static final int HEADER_ALIGNMENT = 8;
    private static final long MAX_WRITE = 1L << 26;
    private static final JsonFactory JSON = new JsonFactory();

    private final Path path;
    private final FileChannel channel;
    private final Map<String, Region> regions;

    /// Where a tensor's bytes go, and which of them are written.
    private record Region(TensorInfo info, long position, TreeMap<Long, Long> written) {
        /// Remembers `[begin, end)` as written, joined with what touches it.
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
                return info.bytes() == 0
                        || (written.size() == 1 && written.getOrDefault(0L, 0L) == info.bytes());
            }
        }
    }

    private ShardFile(Path path, FileChannel channel, Map<String, Region> regions) {
        this.path = path;
        this.channel = channel;
        this.regions = regions;
    }

    /// Creates the file, replacing what stood there, and writes its header.
    public static ShardFile create(
            Path path, List<TensorInfo> tensors, Map<String, String> metadata) {
        List<TensorInfo> sorted = new ArrayList<>(tensors);
        sorted.sort(
                Comparator.comparingInt((TensorInfo info) -> -info.dtype().fileOrder())
                        .thenComparing(TensorInfo::name));
        byte[] header = header(sorted, metadata);
        Map<String, Region> regions = new LinkedHashMap<>();
        long position = header.length;
        for (TensorInfo info : sorted) {
            regions.put(info.name(), new Region(info, position, new TreeMap<>()));
            position += info.bytes();
        }
        try {
            FileChannel channel =
                    FileChannel.open(
                            path,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE);
            ShardFile file = new ShardFile(path, channel, regions);
            try {
                file.write(0, MemorySegment.ofArray(header));
                return file;
            } catch (RuntimeException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            throw AtomicWrite.failure(path, e);
        }
    }

    private static byte[] header(List<TensorInfo> sorted, Map<String, String> metadata) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), json)) {
            out.writeStartObject();
            out.writeName("__metadata__");
            out.writeStartObject();
            metadata.forEach(out::writeStringProperty);
            out.writeEndObject();
            long position = 0;
            for (TensorInfo info : sorted) {
                out.writeName(info.name());
                out.writeStartObject();
                out.writeStringProperty("dtype", info.dtype().safetensorsName());
                out.writeName("shape");
                long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
                out.writeArray(shape, 0, shape.length);
                out.writeName("data_offsets");
                out.writeArray(new long[] {position, position + info.bytes()}, 0, 2);
                out.writeEndObject();
                position += info.bytes();
            }
            out.writeEndObject();
        }
        while (json.size() % HEADER_ALIGNMENT != 0) {
            json.write(' ');
        }
        byte[] text = json.toByteArray();
        return ByteBuffer.allocate(Long.BYTES + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array();
    }

    /// The file's path.
    public Path path() {
        return path;
    }

    /// Writes a piece of a tensor.
    public void write(String tensor, long byteOffset, MemorySegment bytes) {
        Region region = regions.get(tensor);
        if (region == null) {
            throw new IllegalArgumentException("no tensor '" + tensor + "' in the layout");
        }
        java.util.Objects.checkFromIndexSize(byteOffset, bytes.byteSize(), region.info().bytes());
        if (bytes.byteSize() == 0) {
            return;
        }
        write(region.position() + byteOffset, bytes);
        region.add(byteOffset, byteOffset + bytes.byteSize());
    }

    private void write(long position, MemorySegment bytes) {
        long done = 0;
        try {
            while (done < bytes.byteSize()) {
                long piece = Math.min(MAX_WRITE, bytes.byteSize() - done);
                done += channel.write(bytes.asSlice(done, piece).asByteBuffer(), position + done);
            }
        } catch (IOException e) {
            throw AtomicWrite.failure(path, e);
        }
    }

    /// Forces the file to the disk, after checking that every byte of every tensor was written.
    public void finish() {
        for (Region region : regions.values()) {
            if (!region.complete()) {
                throw new IllegalStateException(
                        "tensor '" + region.info().name() + "' was not written completely");
            }
        }
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
