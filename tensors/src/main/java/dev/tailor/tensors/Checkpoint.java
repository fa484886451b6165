package dev.tailor.tensors;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.internal.Corrupt;
import dev.tailor.tensors.internal.MappedFile;
import dev.tailor.tensors.internal.SafetensorsHeader;
import dev.tailor.tensors.internal.ShardIndex;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// The tensors of a safetensors file, or of a model directory's file or shards, memory-mapped. Safe
/// for use by several threads until it is closed.
///
/// Nothing in the files is trusted: a header that contradicts itself, its file or the index is
/// refused with [ErrorCode#FILE_CORRUPT], naming the file and the tensor.
public final class Checkpoint implements AutoCloseable {
    private static final String SINGLE_FILE = "model.safetensors";

    private final Path path;
    private final List<MappedFile> files;
    private final Map<String, Place> tensors;
    private final Map<String, String> metadata;

    private record Place(TensorInfo info, MappedFile file, long position) {}

    private Checkpoint(
            Path path,
            List<MappedFile> files,
            Map<String, Place> tensors,
            Map<String, String> metadata) {
        this.path = path;
        this.files = files;
        this.tensors = tensors;
        this.metadata = metadata;
    }

    /// Whether a directory holds a checkpoint.
    public static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(SINGLE_FILE))
                || Files.exists(directory.resolve(ShardIndex.FILE_NAME));
    }

    /// Opens a safetensors file, or a model directory with `model.safetensors` or
    /// `model.safetensors.index.json` and its shards.
    public static Checkpoint open(Path modelDirectoryOrSafetensorsFile) {
        Path path = modelDirectoryOrSafetensorsFile;
        if (!Files.isDirectory(path)) {
            return openFiles(path, List.of(path));
        }
        if (Files.exists(path.resolve(SINGLE_FILE))) {
            return openFiles(path, List.of(path.resolve(SINGLE_FILE)));
        }
        Path indexFile = path.resolve(ShardIndex.FILE_NAME);
        if (!Files.exists(indexFile)) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND,
                            "no " + SINGLE_FILE + " and no " + ShardIndex.FILE_NAME)
                    .at(path)
                    .remedy("name a directory with a model's safetensors files");
        }
        return openShards(path, indexFile, ShardIndex.read(indexFile));
    }

    private static Checkpoint openShards(Path directory, Path indexFile, ShardIndex index) {
        List<Path> shards = new ArrayList<>();
        for (String shard : new TreeSet<>(index.shardOfTensor().values())) {
            shards.add(directory.resolve(shard));
        }
        Checkpoint checkpoint = openFiles(directory, shards);
        try {
            index.shardOfTensor()
                    .forEach((name, shard) -> {
                        Place place = checkpoint.tensors.get(name);
                        if (place == null || !place.file().path().endsWith(shard)) {
                            throw Corrupt.tensor(
                                    indexFile,
                                    name,
                                    "the index says it is in "
                                            + shard
                                            + ", which does not hold it");
                        }
                    });
            checkpoint.tensors.forEach((name, place) -> {
                if (!index.shardOfTensor().containsKey(name)) {
                    throw Corrupt.tensor(
                            place.file().path(), name, "the index does not name this tensor");
                }
            });
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private static Checkpoint openFiles(Path path, List<Path> paths) {
        List<MappedFile> files = new ArrayList<>();
        try {
            Map<String, Place> tensors = new LinkedHashMap<>();
            Map<String, String> metadata = new LinkedHashMap<>();
            for (Path each : paths) {
                MappedFile file = MappedFile.open(each);
                files.add(file);
                SafetensorsHeader header = SafetensorsHeader.read(each, file.bytes());
                header.metadata().forEach(metadata::putIfAbsent);
                header.tensors()
                        .forEach((name, entry) -> {
                            Place place =
                                    new Place(
                                            entry.info(), file, header.dataStart() + entry.begin());
                            Place other = tensors.put(name, place);
                            if (other != null) {
                                throw Corrupt.tensor(
                                        each,
                                        name,
                                        "also stands in " + other.file().path().getFileName());
                            }
                        });
            }
            return new Checkpoint(path, List.copyOf(files), tensors, Map.copyOf(metadata));
        } catch (RuntimeException e) {
            files.forEach(MappedFile::close);
            throw e;
        }
    }

    /// What was opened.
    public Path path() {
        return path;
    }

    /// The names of all tensors, in the order they lie in the files.
    public List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    /// Every tensor, in the order they lie in the files.
    public List<TensorInfo> tensors() {
        return tensors.values().stream().map(Place::info).toList();
    }

    /// Whether there is a tensor of that name.
    public boolean contains(String name) {
        return tensors.containsKey(name);
    }

    /// What a tensor is. An unknown name is [ErrorCode#MODEL_INVALID].
    public TensorInfo info(String name) {
        return place(name).info();
    }

    /// A tensor's bytes, little endian, row-major; read-only, valid until close. Touched pages
    /// count as resident memory until then.
    public MemorySegment data(String name) {
        Place place = place(name);
        return place.file().bytes().asSlice(place.position(), place.info().bytes());
    }

    /// Copies `target.byteSize()` bytes of a tensor from `byteOffset` on, without mapping them: for
    /// work that streams over more than should stay resident. `target` should be native memory.
    public void read(String name, long byteOffset, MemorySegment target) {
        Place place = place(name);
        java.util.Objects.checkFromIndexSize(byteOffset, target.byteSize(), place.info().bytes());
        place.file().read(place.position() + byteOffset, target);
    }

    /// The free-form texts of the headers (`__metadata__`).
    public Map<String, String> metadata() {
        return metadata;
    }

    private Place place(String name) {
        Place place = tensors.get(name);
        if (place == null) {
            TailorException missing =
                    TailorException.of(ErrorCode.MODEL_INVALID, "no tensor '" + name + "'")
                            .at(path);
            throw Suggestion.nearest(name, tensors.keySet())
                    .map(near -> missing.remedy("the nearest one is '" + near + "'"))
                    .orElse(missing);
        }
        return place;
    }

    @Override
    public void close() {
        files.forEach(MappedFile::close);
    }
}
