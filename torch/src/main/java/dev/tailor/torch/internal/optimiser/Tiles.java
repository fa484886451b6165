package dev.tailor.torch.internal.optimiser;

import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.kernels.SplitFloats;

import org.bytedeco.pytorch.Tensor;

import java.lang.foreign.MemorySegment;

/// Contiguous numbers cut into tiles of `size` elements, whatever their shape.
sealed interface Tiles {
    /// Tiles that fit the first-level cache: four float arrays of them take 32 KB.
    int SIZE = 2048;

    /// The tiles of a float32 or bfloat16 tensor.
    static Tiles of(Tensor tensor) {
        return of(tensor, SIZE);
    }

    /// Tiles of another size.
    static Tiles of(Tensor tensor, int size) {
        DType type = Tensors.isFloat(tensor) ? DType.F32 : DType.BF16;
        return new Whole(memory(tensor), type, tensor.numel(), size);
    }

    /// Float32 numbers of which a bfloat16 tensor holds the upper and an int16 tensor the lower
    /// halves ([SplitFloats]).
    static Tiles of(Tensor upper, Tensor lower, int size) {
        return new Split(memory(upper), memory(lower), upper.numel(), size);
    }

    private static MemorySegment memory(Tensor tensor) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException("tiles of a tensor that is not contiguous");
        }
        return Tensors.memory(tensor);
    }

    /// All numbers together.
    long elements();

    /// The most numbers of a tile.
    int size();

    /// Reads a tile and returns its number of elements; the last one may be shorter.
    int load(int tile, float[] into);

    /// Writes a tile.
    void store(int tile, float[] from);

    /// The number of tiles.
    default int count() {
        return Math.toIntExact((elements() + size() - 1) / size());
    }

    /// The index of a tile's first number.
    default long start(int tile) {
        return (long) tile * size();
    }

    /// The numbers of a tile.
    default int length(int tile) {
        return (int) Math.min(size(), elements() - start(tile));
    }

    /// One tensor.
    record Whole(MemorySegment memory, DType type, long elements, int size) implements Tiles {
        private static final Converter CONVERTER = Converter.forLongWork();

        @Override
        public int load(int tile, float[] into) {
            int n = length(tile);
            CONVERTER.toFloat(type, memory, start(tile) * type.bytes(), into, 0, n);
            return n;
        }

        @Override
        public void store(int tile, float[] from) {
            long offset = start(tile) * type.bytes();
            CONVERTER.fromFloat(type, from, 0, memory, offset, length(tile));
        }
    }

    /// Two halves.
    record Split(MemorySegment upper, MemorySegment lower, long elements, int size)
            implements Tiles {
        @Override
        public int load(int tile, float[] into) {
            int n = length(tile);
            SplitFloats.join(upper, lower, start(tile), into, n);
            return n;
        }

        @Override
        public void store(int tile, float[] from) {
            SplitFloats.split(from, length(tile), upper, lower, start(tile));
        }
    }
}
