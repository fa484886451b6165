package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

/// Model stock in steps that are each rounded, as mergekit's tensor operations are.
///
/// @param share of the models' mean, by vector
record SteppedModelStock(Work work, VectorLayout layout, float[] share) implements TileOperation {
    static TileOperation prepare(Work whole, Operation.Vectors vectors) {
        VectorLayout layout = VectorLayout.of(whole.tiles(), vectors);
        Work work = layout.tiles(whole);
        int models = work.tiles().inputs() - 1;
        double[][] products =
                layout.products(
                        whole,
                        models * (models + 1) / 2,
                        (first, n, scratch) -> pairs(work, first, n, scratch));
        Arithmetic scalars = work.arithmetic(work.scratches().getFirst(), 1);
        float[] share = new float[layout.count()];
        for (int vector = 0; vector < share.length; vector++) {
            share[vector] = share(products, vector, models, scalars, StepSums.of(whole));
        }
        return new SteppedModelStock(work, layout, share);
    }

    /// Each difference with itself, then each with those after it, multiplied and rounded.
    private static float[][][] pairs(Work work, long first, int n, Scratch scratch) {
        int models = work.tiles().inputs() - 1;
        Arithmetic steps = work.arithmetic(scratch, n);
        float[] origin = work.tiles().read(first, n, 0, scratch);
        float[][][] pairs = new float[models * (models + 1) / 2][][];
        for (int k = 0; k < models; k++) {
            float[] difference = work.tiles().read(first, n, k + 1, scratch);
            steps.subtract(difference, origin, n);
            pairs[k] = new float[][] {difference, difference};
        }
        int next = models;
        for (int i = 0; i < models; i++) {
            for (int j = i + 1; j < models; j++) {
                float[] product = scratch.input(next + 1, n);
                System.arraycopy(pairs[i][0], 0, product, 0, n);
                steps.multiply(product, pairs[j][0], n);
                pairs[next++] = new float[][] {product};
            }
        }
        return pairs;
    }

    private static float share(
            double[][] products, int vector, int models, Arithmetic scalars, StepSums sums) {
        float smallest = scalars.round(ModelStock.SMALLEST_PRODUCT);
        float[] cosines = new float[products.length - models];
        int next = 0;
        for (int i = 0; i < models; i++) {
            for (int j = i + 1; j < models; j++) {
                float lengths =
                        scalars.round(
                                scalars.round(Math.sqrt(products[i][vector]))
                                        * scalars.round(Math.sqrt(products[j][vector])));
                float product = scalars.round(products[models + next][vector]);
                float cosine = scalars.round(product / Math.max(lengths, smallest));
                cosines[next++] = Math.clamp(cosine, -1f, 1f);
            }
        }
        float cosine = scalars.round((float) sums.sum(cosines, 0, next) / next);
        float divisor = scalars.round(1 + scalars.round((models - 1) * cosine));
        return divisor == 0 ? 0 : scalars.round(scalars.round(models * cosine) / divisor);
    }

    @Override
    public TensorTiles tiles() {
        return work.tiles();
    }

    @Override
    public void run(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        long first = work.tiles().first(tile);
        Arithmetic steps = work.arithmetic(scratch, n);
        float[] origin = work.tiles().load(tile, 0, scratch);
        float[][] x = work.tiles().loadFrom(1, tile, scratch);
        float[] mean = scratch.output(n);
        System.arraycopy(x[0], 0, mean, 0, n);
        for (int k = 1; k < x.length; k++) {
            steps.add(x[k], mean, n);
        }
        steps.divide(mean, x.length, n);
        layout.spread(share, first, x[0], n);
        steps.multiply(mean, x[0], n);
        for (int i = 0; i < n; i++) {
            x[0][i] = 1 - x[0][i];
        }
        steps.round(x[0], n);
        steps.multiply(origin, x[0], n);
        steps.add(origin, mean, n);
    }
}
