package dev.tailor.tensors;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Crc32;
import dev.tailor.tensors.internal.RegionFile;
import dev.tailor.tensors.internal.SafetensorsLayout;
import dev.tailor.tensors.internal.ShardIndex;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Writes a model's tensors as `model.safetensors`, or as shards with their index. The layout is
/// known before the first number: bytes go straight to their final place, in any order, from any
/// thread, and nothing is held in memory.
///
/// ```java
/// AtomicWrite.directory(output, directory -> {
///     try (var writer = SafetensorsWriter.create(directory, layout, 5_000_000_000L, Map.of())) {
///         writer.write("model.norm.weight", 0, bytes);
///         writer.finish();
///     }
/// });
/// ```
///
/// A full disk is `DISK_FULL`. The directory is the caller's to make atomic: use
/// [AtomicWrite#directory].
public final class SafetensorsWriter implements AutoCloseable {
    /// The shard size the Hugging Face libraries use by default, in bytes.
    public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    private final Path directory;
    private final List<TensorInfo> layout;
    private final List<RegionFile> shards;
    private final Map<String, RegionFile> shardOfTensor;

    private SafetensorsWriter(
            Path directory,
            List<TensorInfo> layout,
            List<RegionFile> shards,
            Map<String, RegionFile> shardOfTensor) {
        this.directory = directory;
        this.layout = layout;
        this.shards = shards;
        this.shardOfTensor = shardOfTensor;
    }

    /// Creates the files in an existing directory. Tensors fill one shard after the other in the
    /// order of `layout`; a shard holds at most `maxShardBytes` bytes of data, or one larger
    /// tensor. `metadata` goes into every header, with `format: pt` added if it names no format.
    public static SafetensorsWriter create(
            Path directory,
            List<TensorInfo> layout,
            long maxShardBytes,
            Map<String, String> metadata) {
        return open(directory, layout, maxShardBytes, metadata, SafetensorsLayout::create);
    }

    /// Goes on with files that were begun before with the same layout and metadata, or creates
    /// them. Tensors that are there already must be claimed by [#recover].
    public static SafetensorsWriter resume(
            Path directory,
            List<TensorInfo> layout,
            long maxShardBytes,
            Map<String, String> metadata) {
        return open(directory, layout, maxShardBytes, metadata, SafetensorsLayout::resume);
    }

    private interface Opening {
        RegionFile open(Path path, List<TensorInfo> tensors, Map<String, String> metadata);
    }

    private static SafetensorsWriter open(
            Path directory,
            List<TensorInfo> layout,
            long maxShardBytes,
            Map<String, String> metadata,
            Opening opening) {
        requireDistinct(layout);
        List<List<TensorInfo>> groups = groups(layout, maxShardBytes);
        List<RegionFile> shards = new ArrayList<>();
        Map<String, RegionFile> shardOfTensor = new HashMap<>();
        try {
            for (int i = 0; i < groups.size(); i++) {
                String name =
                        groups.size() == 1
                                ? "model.safetensors"
                                : "model-%05d-of-%05d.safetensors".formatted(i + 1, groups.size());
                RegionFile shard =
                        opening.open(directory.resolve(name), groups.get(i), withFormat(metadata));
                shards.add(shard);
                groups.get(i).forEach(info -> shardOfTensor.put(info.name(), shard));
            }
        } catch (RuntimeException e) {
            shards.forEach(RegionFile::close);
            throw e;
        }
        return new SafetensorsWriter(directory, List.copyOf(layout), shards, shardOfTensor);
    }

    /// Writes one file with all its tensors at once, in one step that leaves the old file or the
    /// new one: adapters, logits, optimiser state.
    public static void writeFile(
            Path file, Map<TensorInfo, MemorySegment> tensors, Map<String, String> metadata) {
        List<TensorInfo> layout = List.copyOf(tensors.keySet());
        requireDistinct(layout);
        AtomicWrite.file(
                file,
                path -> {
                    try (RegionFile shard =
                            SafetensorsLayout.create(path, layout, withFormat(metadata))) {
                        tensors.forEach((info, bytes) -> {
                            if (bytes.byteSize() != info.bytes()) {
                                throw new IllegalArgumentException(
                                        info
                                                + " takes "
                                                + info.bytes()
                                                + " bytes, given "
                                                + bytes.byteSize());
                            }
                            shard.write(info.name(), 0, bytes);
                        });
                        shard.finish();
                    }
                });
    }

    private static void requireDistinct(List<TensorInfo> layout) {
        Set<String> names = new HashSet<>();
        for (TensorInfo info : layout) {
            if (!names.add(info.name()) || info.name().equals("__metadata__")) {
                throw new IllegalArgumentException("tensor name '" + info.name() + "' is taken");
            }
        }
    }

    private static List<List<TensorInfo>> groups(List<TensorInfo> layout, long maxShardBytes) {
        List<List<TensorInfo>> groups = new ArrayList<>();
        groups.add(new ArrayList<>());
        long held = 0;
        for (TensorInfo info : layout) {
            if (held > 0 && held + info.bytes() > maxShardBytes) {
                groups.add(new ArrayList<>());
                held = 0;
            }
            groups.getLast().add(info);
            held += info.bytes();
        }
        return groups;
    }

    private static Map<String, String> withFormat(Map<String, String> metadata) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("format", "pt");
        all.putAll(new TreeMap<>(metadata));
        return all;
    }

    /// Writes bytes of a tensor at `byteOffset` of it. A place outside the tensor, or a tensor
    /// outside the layout, is an [IllegalArgumentException] or [IndexOutOfBoundsException].
    public void write(String tensor, long byteOffset, MemorySegment bytes) {
        shard(tensor).write(tensor, byteOffset, bytes);
    }

    private RegionFile shard(String tensor) {
        RegionFile shard = shardOfTensor.get(tensor);
        if (shard == null) {
            throw new IllegalArgumentException("no tensor '" + tensor + "' in the layout");
        }
        return shard;
    }

    /// Counts a tensor as written if the files hold bytes of that checksum in its place.
    public boolean recover(String tensor, Crc32 expected) {
        return shardOfTensor.containsKey(tensor) && shard(tensor).recover(tensor, expected);
    }

    /// The checksum of a tensor's bytes, once it is written completely.
    public Optional<Crc32> checksum(String tensor) {
        return shard(tensor).checksum(tensor);
    }

    /// The checksums of the files, by name, once everything is written.
    public SortedMap<String, Crc32> checksums() {
        SortedMap<String, Crc32> sums = new TreeMap<>();
        for (RegionFile shard : shards) {
            sums.put(shard.path().getFileName().toString(), shard.checksum());
        }
        return sums;
    }

    /// Brings what is written so far to the disk, so that little is left to do at the end.
    public void flush() {
        shards.forEach(RegionFile::flush);
    }

    /// Ends the files: checks that every byte was written ([IllegalStateException] otherwise) and
    /// writes the index if there is more than one shard.
    public void finish() {
        shards.forEach(RegionFile::finish);
        if (shards.size() > 1) {
            TreeMap<String, String> index = new TreeMap<>();
            shardOfTensor.forEach(
                    (name, shard) -> index.put(name, shard.path().getFileName().toString()));
            String json =
                    new ShardIndex(index)
                            .toJson(
                                    layout.stream().mapToLong(TensorInfo::elements).sum(),
                                    layout.stream().mapToLong(TensorInfo::bytes).sum());
            Path file = directory.resolve(ShardIndex.FILE_NAME);
            try {
                Files.writeString(file, json);
            } catch (IOException e) {
                throw AtomicWrite.failure(file, e);
            }
        }
    }

    @Override
    public void close() {
        shards.forEach(RegionFile::close);
    }
}
