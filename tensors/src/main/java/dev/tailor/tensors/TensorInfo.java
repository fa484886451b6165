package dev.tailor.tensors;

import java.util.ArrayList;
import java.util.List;

/// What a tensor is, without its numbers. The shape is in row-major order (last dimension
/// contiguous); an empty shape is a single number.
///
/// Throws [IllegalArgumentException] for a negative dimension or a size beyond 2^63 bytes.
public record TensorInfo(String name, DType dtype, List<Long> shape) {
    public TensorInfo {
        shape = List.copyOf(shape);
        long bytes = dtype.bytes();
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("negative dimension in shape " + shape);
            }
            try {
                bytes = Math.multiplyExact(bytes, dimension);
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException("shape " + shape + " is too large", e);
            }
        }
    }

    /// A tensor of the given shape.
    public static TensorInfo of(String name, DType dtype, long... shape) {
        List<Long> dimensions = new ArrayList<>(shape.length);
        for (long dimension : shape) {
            dimensions.add(dimension);
        }
        return new TensorInfo(name, dtype, dimensions);
    }

    /// The number of elements.
    public long elements() {
        long elements = 1;
        for (long dimension : shape) {
            elements *= dimension;
        }
        return elements;
    }

    /// The number of bytes.
    public long bytes() {
        return elements() * dtype.bytes();
    }

    /// The same tensor in another element type.
    public TensorInfo as(DType other) {
        return new TensorInfo(name, other, shape);
    }

    /// The same tensor under another name.
    public TensorInfo named(String other) {
        return new TensorInfo(other, dtype, shape);
    }

    /// `name BF16 [4, 8]`.
    @Override
    public String toString() {
        return name + " " + dtype + " " + shape;
    }
}
