package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

import java.util.Arrays;

/// Reinforced agent merging (arXiv 2601.13572): a model touches a position where its difference to
/// the origin exceeds `epsilon`. What one model touches is added whole, what several touch as their
/// mean. RAM+ makes up for what a model loses in means: what it alone touches grows with the ratio
/// of what it shares to that.
///
/// @param plain whether nothing grows
/// @param growth by model, what the positions that it alone touches are multiplied by
record Ram(Work work, float epsilon, boolean plain, float[] growth) implements TileOperation {
    static TileOperation prepare(Work work, Operation.Ram ram) {
        float epsilon = work.arithmetic(work.scratches().getFirst(), 1).round(ram.epsilon());
        boolean plain = ram.r() == 0 && ram.alpha() == 0;
        float[] growth = new float[work.tiles().inputs() - 1];
        Arrays.fill(growth, 1);
        Ram equal = new Ram(work, epsilon, plain, growth);
        return plain ? equal : new Ram(work, epsilon, false, equal.growth(ram));
    }

    /// `1 + r * clip(shared / unique, 0, alpha)` for each model.
    private float[] growth(Operation.Ram ram) {
        int models = growth.length;
        double[] counts = work.sum(2 * models, this::counts);
        float[] grown = new float[models];
        for (int k = 0; k < models; k++) {
            float shared = (float) counts[k];
            float unique = Math.max((float) counts[models + k], (float) ram.epsilon());
            float ratio = Math.clamp(shared / unique, 0, Math.max(0, (float) ram.alpha()));
            grown[k] = 1 + (float) ram.r() * ratio;
        }
        return grown;
    }

    /// How many positions of a tile each model shares, and then how many it alone touches.
    private double[] counts(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        float[] counts = scratch.output(n);
        float[][] d = touched(tile, counts, scratch);
        double[] sums = new double[2 * d.length];
        for (int k = 0; k < d.length; k++) {
            int all = 0;
            int unique = 0;
            for (int i = 0; i < n; i++) {
                int touches = d[k][i] != 0 ? 1 : 0;
                all += touches;
                unique += counts[i] == 1 ? touches : 0;
            }
            sums[k] = all - unique;
            sums[d.length + k] = unique;
        }
        return sums;
    }

    /// The differences of a tile where models touch it, and `counts`, how many do.
    private float[][] touched(int tile, float[] counts, Scratch scratch) {
        int n = work.tiles().size(tile);
        Arithmetic steps = work.arithmetic(scratch, n);
        float[] base = work.tiles().load(tile, 0, scratch);
        float[][] d = work.tiles().loadFrom(1, tile, scratch);
        for (float[] each : d) {
            steps.subtract(each, base, n);
        }
        work.kernels().touched(d, epsilon, counts, n);
        return d;
    }

    @Override
    public TensorTiles tiles() {
        return work.tiles();
    }

    /// mergekit's factors of growth are float32, and so is all that they meet: then only means are
    /// rounded.
    @Override
    public void run(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        Arithmetic steps = work.arithmetic(scratch, n);
        float[] counts = scratch.input(work.tiles().inputs(), n);
        float[][] d = touched(tile, counts, scratch);
        float[] out = scratch.output(n);
        float[] ones = new float[d.length];
        Arrays.fill(ones, 1);
        for (int k = 0; k < d.length; k++) {
            steps.divide(d[k], counts, n);
            if (growth[k] != 1) {
                grow(d[k], counts, growth[k], n);
            }
        }
        work.kernels().weightedSum(d, ones, out, n);
        if (plain) {
            steps.round(out, n);
            steps.add(scratch.input(0, n), out, n);
        } else {
            work.kernels().add(scratch.input(0, n), out, n);
        }
    }

    private static void grow(float[] d, float[] counts, float factor, int n) {
        for (int i = 0; i < n; i++) {
            d[i] *= counts[i] == 1 ? factor : 1;
        }
    }
}
