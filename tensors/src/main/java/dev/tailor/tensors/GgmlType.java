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
    /// 32 quants of 4 bits around zero that share one half-precision scale: 4.5 bits a weight.
    Q4_0(2, 32, 18),
    /// 32 quants of 4 bits that share a scale and a lowest number: 5 bits a weight.
    Q4_1(3, 32, 20),
    /// 32 quants of 5 bits around zero that share one scale: 5.5 bits a weight.
    Q5_0(6, 32, 22),
    /// 32 quants of 5 bits that share a scale and a lowest number: 6 bits a weight.
    Q5_1(7, 32, 24),
    /// 32 signed bytes that share one half-precision scale: 8.5 bits a weight.
    Q8_0(8, 32, 34),
    /// 8 groups of 32 quants of 4 bits, each group with a scale and an offset of 6 bits: 4.5 bits a
    /// weight.
    Q4_K(12, 256, 144),
    /// The same with quants of 5 bits: 5.5 bits a weight.
    Q5_K(13, 256, 176),
    /// 16 groups of 16 quants of 6 bits around zero, each group with a scale of 8 bits: 6.5625 bits
    /// a weight.
    Q6_K(14, 256, 210),
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
    /// @param at the first of `source`
    /// @param count how many, a whole number of blocks
    /// @param target at least [#bytes(long)] of `count` bytes
    public void encode(float[] source, int at, int count, MemorySegment target) {
        GgufBlocks.encode(this, source, at, count, target);
    }

    /// Encodes the first `count` numbers.
    public void encode(float[] source, int count, MemorySegment target) {
        encode(source, 0, count, target);
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
