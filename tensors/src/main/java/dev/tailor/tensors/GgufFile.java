package dev.tailor.tensors;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.internal.MappedFile;
import dev.tailor.tensors.internal.gguf.GgufParser;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A GGUF file: its metadata and tensors. Safe for use by several threads until it is closed.
public final class GgufFile implements AutoCloseable {
    private final MappedFile file;
    private final GgufParser.Parsed parsed;

    private GgufFile(MappedFile file, GgufParser.Parsed parsed) {
        this.file = file;
        this.parsed = parsed;
    }

    /// Opens a file of version 2 or 3, little endian.
    ///
    /// @throws TailorException `FILE_NOT_FOUND`, or `FILE_CORRUPT` naming the place
    public static GgufFile open(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            return new GgufFile(file, GgufParser.parse(path, file.bytes()));
        } catch (RuntimeException e) {
            file.close();
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

    /// The stored bytes of a tensor, read-only, valid until this file is closed. Touched pages
    /// count as resident memory until then.
    public MemorySegment data(String name) {
        MemorySegment data = parsed.data().get(name);
        if (data == null) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "there is no tensor '" + name + "'")
                    .at(file.path());
        }
        return data;
    }

    /// Reads elements of a tensor as numbers, whatever its type, without mapping them: for work
    /// that streams over more than should stay resident.
    ///
    /// @param first index of the first element; a multiple of the type's block
    /// @param target filled completely; its length is a multiple of the type's block
    public void read(String name, long first, float[] target) {
        GgufTensor tensor = parsed.tensors().get(name);
        MemorySegment data = data(name);
        if (tensor == null || first < 0 || first + target.length > tensor.elements()) {
            throw new IndexOutOfBoundsException("outside of " + name);
        }
        long position = data.address() - file.bytes().address() + tensor.type().bytes(first);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(tensor.type().bytes(target.length), 64);
            file.read(position, bytes);
            tensor.type().decode(bytes, target);
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
