package dev.tailor.tensors;

import dev.tailor.tensors.internal.gguf.GgufBlocks;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// How a GGUF file stores the elements of one tensor, with the id that stands in the file.
///
/// Quantised types store rows as blocks of [#blockElements()] elements in [#blockBytes()] bytes, so
/// a row's length must be a multiple of the block.
public enum GgmlType {
    /// IEEE single precision.
    F32(0, 1, 4),
    /// IEEE half precision.
    F16(1, 1, 2),
    /// 32 signed bytes that share one half-precision scale: 8.5 bits a weight.
    Q8_0(8, 32, 34),
    /// The upper half of a single.
    BF16(30, 1, 2);

    private final int id;
    private final int blockElements;
    private final int blockBytes;

    GgmlType(int id, int blockElements, int blockBytes) {
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /// The number that stands for this type in a file.
    public int id() {
        return id;
    }

    /// Elements in one block; 1 for types that are not quantised.
    public int blockElements() {
        return blockElements;
    }

    /// Bytes of one block.
    public int blockBytes() {
        return blockBytes;
    }

    /// Bytes of `elements` elements, which must be a whole number of blocks.
    public long bytes(long elements) {
        if (elements % blockElements != 0) {
            throw new IllegalArgumentException(
                    elements + " elements are not whole blocks of " + blockElements);
        }
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /// Whether a tensor of this shape can be stored: its rows are whole blocks.
    public boolean fits(List<Long> shape) {
        return blockElements == 1 || (!shape.isEmpty() && shape.getLast() % blockElements == 0);
    }

    /// Encodes numbers into the stored form.
    ///
    /// @param count how many of `source`, a whole number of blocks
    /// @param target at least [#bytes(long)] of `count` bytes
    public void encode(float[] source, int count, MemorySegment target) {
        GgufBlocks.encode(this, source, count, target);
    }

    /// Decodes as many numbers as `target` holds, a whole number of blocks.
    public void decode(MemorySegment source, float[] target) {
        GgufBlocks.decode(this, source, target);
    }

    /// The type with this id, if it is one that can be read here.
    public static Optional<GgmlType> ofId(int id) {
        for (GgmlType type : values()) {
            if (type.id == id) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
