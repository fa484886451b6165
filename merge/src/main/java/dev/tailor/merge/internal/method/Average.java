package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.kernel.Arithmetic;

/// Tensors as they are, scaled, or averaged.
final class Average {
    private Average() {}

    /// One of the inputs, times `scale`.
    static TileOperation copy(Work work, int input, float scale) {
        return TileOperation.of(
                work,
                (tile, scratch) -> {
                    int n = work.tiles().size(tile);
                    float[] out = scratch.output(n);
                    System.arraycopy(work.tiles().load(tile, input, scratch), 0, out, 0, n);
                    work.arithmetic(scratch, n).scale(out, scale, n);
                });
    }

    static TileOperation linear(Work work, Operation.Linear linear) {
        float[] weights = Work.floats(linear.weights());
        return TileOperation.of(
                work,
                (tile, scratch) -> {
                    int n = work.tiles().size(tile);
                    Arithmetic steps = work.arithmetic(scratch, n);
                    float[] w = steps.rounded(weights);
                    float[] out = scratch.output(n);
                    steps.weightedSum(work.tiles().loadFrom(0, tile, scratch), w, out, n);
                    steps.divide(out, linear.normalize() ? steps.round(Work.sum(w)) : 1, n);
                });
    }
}
