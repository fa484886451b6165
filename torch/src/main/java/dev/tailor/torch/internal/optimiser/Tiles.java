package dev.tailor.torch.internal.optimiser;

import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;

import java.lang.foreign.MemorySegment;

/// A contiguous tensor cut into tiles of `size` elements, whatever its shape.
record Tiles(MemorySegment memory, DType type, long elements, int size) {
    /// Tiles that fit the first-level cache: four float arrays of them take 32 KB.
    static final int SIZE = 2048;

    static Tiles of(Tensor tensor) {
        return of(tensor, SIZE);
    }

    static Tiles of(Tensor tensor, int size) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException("tiles of a tensor that is not contiguous");
        }
        DType type = Tensors.isFloat(tensor) ? DType.F32 : DType.BF16;
        return new Tiles(Tensors.memory(tensor), type, tensor.numel(), size);
    }

    int count() {
        return Math.toIntExact((elements + size - 1) / size);
    }

    /// Reads a tile and returns its number of elements; the last one may be shorter.
    int load(int tile, float[] into) {
        int n = length(tile);
        Conversions.toFloat(type, memory, offset(tile), into, 0, n);
        return n;
    }

    void store(int tile, float[] from) {
        Conversions.fromFloat(type, from, 0, memory, offset(tile), length(tile));
    }

    private long offset(int tile) {
        return (long) tile * size * type.bytes();
    }

    private int length(int tile) {
        return (int) Math.min(size, elements - (long) tile * size);
    }
}
