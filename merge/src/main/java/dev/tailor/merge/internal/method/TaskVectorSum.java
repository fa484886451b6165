package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

import java.util.Arrays;

/// The origin plus differences of the other inputs to it, thinned, weighted and added: task
/// arithmetic, TIES, DARE, DELLA, breadcrumbs.
///
/// @param growth by model, what its thinned difference is multiplied by
record TaskVectorSum(
        Work work, Operation.TaskVectors vectors, Thinner thinner, float[] growth, float[] weights)
        implements TileOperation {
    private static final float ZERO_WEIGHT = 1e-8f;
    private static final double ZERO_NORM = 1e-7;

    static TileOperation prepare(Work work, Operation.TaskVectors vectors) {
        Thinner thinner = Thinner.prepare(work, vectors.thinning());
        return new TaskVectorSum(
                thinner.work(),
                vectors,
                thinner,
                growth(thinner, vectors),
                Work.floats(vectors.weights()));
    }

    /// How much each thinned difference must grow to have its former L1 norm again; 1 where nothing
    /// is left or dropped.
    private static float[] growth(Thinner thinner, Operation.TaskVectors vectors) {
        float[] growth = new float[vectors.weights().size()];
        Arrays.fill(growth, 1);
        if (!vectors.rescale() || !thinner.thinsAny()) {
            return growth;
        }
        Work work = thinner.work();
        int models = growth.length;
        Series differences = Series.differences(work);
        double[] norms =
                work.sum(
                        2 * models,
                        (tile, scratch) -> {
                            double[] norm = new double[2 * models];
                            differences.visit(
                                    work.tiles().first(tile),
                                    work.tiles().size(tile),
                                    scratch,
                                    thinner::thins,
                                    (k, d, n) -> {
                                        norm[k] = work.kernels().norm1(d, n);
                                        thinner.thin(k, tile, d, n);
                                        norm[models + k] = work.kernels().norm1(d, n);
                                    });
                            return norm;
                        });
        for (int k = 0; k < models; k++) {
            if (norms[models + k] > ZERO_NORM) {
                growth[k] = (float) (norms[k] / norms[models + k]);
            }
        }
        return growth;
    }

    @Override
    public TensorTiles tiles() {
        return work.tiles();
    }

    @Override
    public void run(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        Arithmetic steps = work.arithmetic(scratch, n);
        float[] w = steps.rounded(weights);
        float lambda = (float) vectors.lambda();
        float[] base = work.tiles().load(tile, 0, scratch);
        float[][] x = work.tiles().loadFrom(1, tile, scratch);
        float[] out = scratch.output(n);
        if (!steps.isStepped() && !vectors.consensus() && !thinner.thinsAny()) {
            work.kernels().taskArithmetic(base, x, w, divisor(steps, w), lambda, out, n);
            return;
        }
        for (int k = 0; k < x.length; k++) {
            steps.subtract(x[k], base, n);
            thinner.thin(k, tile, x[k], n);
            work.tally().thinned(k, tile, x[k], n);
            steps.scale(x[k], growth[k], n);
        }
        if (vectors.consensus()) {
            for (int k = 0; k < x.length; k++) {
                steps.scale(x[k], w[k], n);
            }
            float[] divisors = scratch.input(work.tiles().inputs(), n);
            steps.consensus(x, w, vectors.normalize(), out, divisors, n);
        } else {
            steps.weightedSum(x, w, out, n);
            steps.divide(out, divisor(steps, w), n);
        }
        steps.scale(out, lambda, n);
        steps.add(base, out, n);
    }

    private float divisor(Arithmetic steps, float[] w) {
        float total = steps.round(Work.sum(w));
        return vectors.normalize() && Math.abs(total) >= ZERO_WEIGHT ? total : 1;
    }
}
