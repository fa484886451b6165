package dev.tailor.tensors;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.internal.gguf.GgufParser;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A GGUF file, memory-mapped: its metadata and tensors.
public final class GgufFile implements AutoCloseable {
    private final Path file;
    private final Arena arena;
    private final GgufParser.Parsed parsed;

    private GgufFile(Path file, Arena arena, GgufParser.Parsed parsed) {
        this.file = file;
        this.arena = arena;
        this.parsed = parsed;
    }

    /// Opens a file of version 2 or 3, little endian.
    ///
    /// @throws TailorException `FILE_NOT_FOUND`, or `FILE_CORRUPT` naming the place
    public static GgufFile open(Path file) {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment bytes =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new GgufFile(file, arena, GgufParser.parse(file, bytes));
        } catch (IOException e) {
            arena.close();
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        } catch (TailorException e) {
            arena.close();
            throw e;
        }
    }

    /// The metadata, in file order.
    public Map<String, GgufValue> metadata() {
        return Collections.unmodifiableMap(parsed.metadata());
    }

    /// The tensors, in file order.
    public List<GgufTensor> tensors() {
        return List.copyOf(parsed.tensors().values());
    }

    /// The tensor with this name, if there is one.
    public Optional<GgufTensor> tensor(String name) {
        return Optional.ofNullable(parsed.tensors().get(name));
    }

    /// The stored bytes of a tensor, read-only, valid until this file is closed.
    public MemorySegment data(String name) {
        MemorySegment data = parsed.data().get(name);
        if (data == null) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "there is no tensor '" + name + "'")
                    .at(file);
        }
        return data;
    }

    /// Reads elements of a tensor as numbers, whatever its type.
    ///
    /// @param first index of the first element; a multiple of the type's block
    /// @param target filled completely; its length is a multiple of the type's block
    public void read(String name, long first, float[] target) {
        GgufTensor tensor = parsed.tensors().get(name);
        MemorySegment data = data(name);
        if (tensor == null || first < 0 || first + target.length > tensor.elements()) {
            throw new IndexOutOfBoundsException("outside of " + name);
        }
        long start = tensor.type().bytes(first);
        tensor.type().decode(data.asSlice(start, tensor.type().bytes(target.length)), target);
    }

    @Override
    public void close() {
        arena.close();
    }
}
