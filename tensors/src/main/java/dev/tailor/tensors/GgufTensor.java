package dev.tailor.tensors;

import java.util.List;

/// One tensor of a GGUF file.
///
/// @param name as in the file, such as `blk.0.attn_q.weight`
/// @param type how elements are stored
/// @param shape slowest dimension first, as in safetensors; the file itself holds the reverse
public record GgufTensor(String name, GgmlType type, List<Long> shape) {
    public GgufTensor {
        shape = List.copyOf(shape);
    }

    /// The number of elements.
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /// The number of bytes of data, without the padding that follows it.
    public long bytes() {
        return type.bytes(elements());
    }
}
