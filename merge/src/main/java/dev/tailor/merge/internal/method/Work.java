package dev.tailor.merge.internal.method;

import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;
import dev.tailor.merge.internal.tile.Workers;

import java.util.List;

/// One tensor to be made, and what makes it.
///
/// @param scratches the buffers of each worker
/// @param seed root of what is random
/// @param tally is shown what thinning leaves
public record Work(
        TensorTiles tiles,
        MergeKernels kernels,
        Workers workers,
        List<Scratch> scratches,
        long seed,
        Tally tally) {
    /// The same in tiles of whole rows.
    Work ofWholeRows() {
        return new Work(tiles.ofWholeRows(), kernels, workers, scratches, seed, tally);
    }

    /// The steps on tiles of at most `n` elements in a thread's buffers.
    Arithmetic arithmetic(Scratch scratch, int n) {
        return new Arithmetic(kernels, tiles.rounding(), scratch.rounding(n));
    }

    /// What is done with each tile of a pass over the inputs.
    @FunctionalInterface
    interface Pass {
        void tile(int tile, Scratch scratch);
    }

    /// Shows every tile to `pass`, on all threads.
    void forEachTile(Pass pass) {
        workers.run(tiles.count(), (worker, tile) -> pass.tile(tile, scratches.get(worker)));
    }

    /// What is measured of each tile of a pass over the inputs.
    @FunctionalInterface
    interface Measure {
        double[] of(int tile, Scratch scratch);
    }

    /// Measures every tile and adds the measures up in the order of the tiles, so that the sum does
    /// not depend on the threads.
    double[] sum(int size, Measure measure) {
        double[][] perTile = new double[tiles.count()][];
        forEachTile((tile, scratch) -> perTile[tile] = measure.of(tile, scratch));
        double[] sum = new double[size];
        for (double[] each : perTile) {
            for (int i = 0; i < size; i++) {
                sum[i] += each[i];
            }
        }
        return sum;
    }

    static float[] floats(List<Double> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).floatValue();
        }
        return floats;
    }

    static float sum(float[] values) {
        float sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }
}
