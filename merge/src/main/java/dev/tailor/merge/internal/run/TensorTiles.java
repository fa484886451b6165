package dev.tailor.merge.internal.run;

import dev.tailor.merge.MergePlan;
import dev.tailor.merge.internal.kernel.SteppedArithmetic;
import dev.tailor.merge.internal.source.TensorSource;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;

import java.util.List;
import java.util.Optional;

/// One tensor of the output, cut into tiles, with its inputs.
///
/// @param converter for rounding
/// @param roundTo the type that every step is rounded to, if any is
record TensorTiles(
        MergePlan.Tensor tensor,
        List<TensorSource> sources,
        Converter converter,
        Optional<DType> roundTo) {
    long elements() {
        return tensor.output().elements();
    }

    int count() {
        return Math.toIntExact((elements() + Scratch.TILE - 1) / Scratch.TILE);
    }

    long first(int tile) {
        return (long) tile * Scratch.TILE;
    }

    int size(int tile) {
        return (int) Math.min(Scratch.TILE, elements() - first(tile));
    }

    int inputs() {
        return tensor.inputs().size();
    }

    /// Reads a tile of one input into the thread's buffer for it.
    float[] load(int tile, int input, Scratch scratch) {
        return read(first(tile), size(tile), input, scratch);
    }

    /// Reads `n` elements, at most a tile, from element `first` on.
    float[] read(long first, int n, int input, Scratch scratch) {
        MergePlan.Input source = tensor.inputs().get(input);
        float[] x = scratch.input(input);
        sources.get(source.model()).read(source.tensor(), first, n, x, scratch.raw());
        if (roundTo.isPresent()) {
            stepped(scratch).round(x, n);
        }
        return x;
    }

    /// Reads a tile of every input from number `from` on.
    float[][] loadFrom(int from, int tile, Scratch scratch) {
        float[][] x = new float[inputs() - from][];
        for (int k = 0; k < x.length; k++) {
            x[k] = load(tile, from + k, scratch);
        }
        return x;
    }

    /// The arithmetic that rounds at each step, on this thread's buffers.
    SteppedArithmetic stepped(Scratch scratch) {
        return new SteppedArithmetic(roundTo.orElse(DType.F32), converter, scratch.rounding());
    }
}
