package dev.tailor.merge.internal.tile;

import dev.tailor.merge.MergePlan;
import dev.tailor.merge.internal.kernel.Rounding;
import dev.tailor.merge.internal.source.TensorSource;
import dev.tailor.tensors.DType;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// One tensor of the output, cut into tiles, with its inputs.
///
/// @param rounding of every step
/// @param watch what is noticed of the inputs
/// @param tileElements elements of a tile, the last one excepted
public record TensorTiles(
        MergePlan.Tensor tensor,
        List<TensorSource> sources,
        Rounding rounding,
        InputWatch watch,
        int tileElements) {
    /// Tiles of the usual size.
    public static TensorTiles of(
            MergePlan.Tensor tensor,
            List<TensorSource> sources,
            Rounding rounding,
            InputWatch watch) {
        return new TensorTiles(tensor, sources, rounding, watch, Scratch.TILE);
    }

    /// The same tensor in tiles of whole rows, of about the usual size. A row is what lies along
    /// the last dimension; a vector is one row.
    public TensorTiles ofWholeRows() {
        long rows = Math.max(1, Scratch.TILE / Math.max(1, rowLength()));
        return new TensorTiles(
                tensor, sources, rounding, watch, Math.toIntExact(rows * rowLength()));
    }

    /// Elements of a row.
    public long rowLength() {
        List<Long> shape = tensor.output().shape();
        return shape.isEmpty() ? 1 : shape.getLast();
    }

    /// Elements of the tensor.
    public long elements() {
        return tensor.output().elements();
    }

    /// How many tiles there are.
    public int count() {
        return Math.toIntExact(Math.ceilDiv(elements(), Math.max(1, tileElements)));
    }

    /// The first element of a tile.
    public long first(int tile) {
        return (long) tile * tileElements;
    }

    /// The elements of a tile.
    public int size(int tile) {
        return (int) Math.min(tileElements, elements() - first(tile));
    }

    /// How many inputs there are.
    public int inputs() {
        return tensor.inputs().size();
    }

    /// Reads a tile of one input into the thread's buffer for it.
    public float[] load(int tile, int input, Scratch scratch) {
        int n = size(tile);
        float[] x = readUnrounded(first(tile), n, input, scratch);
        if (watch.isWatching()) {
            MergePlan.Input source = tensor.inputs().get(input);
            TensorSource model = sources.get(source.model());
            if (model.isStored(source.tensor())) {
                DType type = model.type(source.tensor());
                MemorySegment bytes = scratch.raw(n).asSlice(0, (long) n * type.bytes());
                watch.stored(input, tile, first(tile), type, bytes, () -> x, n);
            } else {
                watch.numbers(input, first(tile), x, n);
            }
        }
        rounding.round(x, n, scratch.rounding(n));
        return x;
    }

    /// Copies the bytes of a tile of the first input, which is stored in the output's type.
    public MemorySegment copy(int tile, Scratch scratch) {
        MergePlan.Input source = tensor.inputs().getFirst();
        int n = size(tile);
        long size = tensor.output().dtype().bytes();
        MemorySegment bytes = scratch.raw(n).asSlice(0, n * size);
        sources.get(source.model()).copy(source.tensor(), first(tile) * size, bytes);
        DType type = tensor.output().dtype();
        watch.stored(
                0,
                tile,
                first(tile),
                type,
                bytes,
                () -> {
                    float[] x = scratch.input(0, n);
                    rounding.converter().toFloat(type, bytes, 0, x, 0, n);
                    return x;
                },
                n);
        return bytes;
    }

    /// Reads `n` elements from element `first` on.
    public float[] read(long first, int n, int input, Scratch scratch) {
        float[] x = readUnrounded(first, n, input, scratch);
        rounding.round(x, n, scratch.rounding(n));
        return x;
    }

    private float[] readUnrounded(long first, int n, int input, Scratch scratch) {
        MergePlan.Input source = tensor.inputs().get(input);
        float[] x = scratch.input(input, n);
        sources.get(source.model()).read(source.tensor(), first, n, x, scratch.raw(n));
        return x;
    }

    /// Reads a tile of every input from number `from` on.
    public float[][] loadFrom(int from, int tile, Scratch scratch) {
        float[][] x = new float[inputs() - from][];
        for (int k = 0; k < x.length; k++) {
            x[k] = load(tile, from + k, scratch);
        }
        return x;
    }
}
