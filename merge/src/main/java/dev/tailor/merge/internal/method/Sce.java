package dev.tailor.merge.internal.method;

import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/// SCE (Wan et al. 2024, FuseChat, section 3.3): select the positions where the models' differences
/// to the origin vary most, calculate a weight for each model from the energy of what is selected,
/// erase what has not the majority's sign.
///
/// @param selected which variances are selected; empty: all positions, those without a variance too
/// @param weights by model
record Sce(Work work, Optional<Cut> selected, float[] weights) implements TileOperation {
    /// Below this sum of mean squares all models weigh the same.
    private static final double ZERO_ENERGY = 1e-6;

    /// What the weights of a position add up to, at least.
    private static final float LEAST_WEIGHT = 1e-6f;

    /// @param share of the positions with a variance that are selected
    static TileOperation prepare(Work work, double share) {
        Optional<Cut> selected = share >= 1 ? Optional.empty() : Optional.of(select(work, share));
        return new Sce(work, selected, weights(work, selected));
    }

    /// The positions of the largest variances, the first among equal ones. Their number is counted
    /// in single precision, as mergekit does.
    private static Cut select(Work work, double share) {
        double[] varying =
                work.sum(
                        1,
                        (tile, scratch) -> {
                            int n = work.tiles().size(tile);
                            float[] variance = variance(work, work.tiles().first(tile), n, scratch);
                            return new double[] {work.kernels().countAbove(variance, 0, n)};
                        });
        long largest = Math.max(0, (long) ((float) varying[0] * (float) share));
        List<RankSearch.Query> queries =
                List.of(new RankSearch.Query(0, largest, Cut.Order.FIRST_IS_LARGER));
        return RankSearch.find(work, variances(work), queries).getFirst();
    }

    private static Series variances(Work work) {
        return new Series() {
            @Override
            public int count() {
                return 1;
            }

            @Override
            public void visit(
                    long first, int n, Scratch scratch, IntPredicate wanted, Visitor visitor) {
                visitor.elements(0, variance(work, first, n, scratch), n);
            }
        };
    }

    /// The variance over the models of `n` elements from `first` on.
    private static float[] variance(Work work, long first, int n, Scratch scratch) {
        float[][] x = new float[work.tiles().inputs()][];
        for (int k = 0; k < x.length; k++) {
            x[k] = work.tiles().read(first, n, k, scratch);
        }
        return variance(work, differences(work, x, n, scratch), n, scratch);
    }

    private static float[] variance(Work work, float[][] d, int n, Scratch scratch) {
        float[] variance = scratch.input(work.tiles().inputs(), n);
        work.kernels().variance(d, variance, n);
        work.arithmetic(scratch, n).round(variance, n);
        return variance;
    }

    private static float[][] differences(Work work, float[][] x, int n, Scratch scratch) {
        Arithmetic steps = work.arithmetic(scratch, n);
        float[][] d = Arrays.copyOfRange(x, 1, x.length);
        for (float[] each : d) {
            steps.subtract(each, x[0], n);
        }
        return d;
    }

    /// The differences of a tile at the selected positions, 0 elsewhere.
    private static float[][] selected(
            Work work, Optional<Cut> selected, int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        float[][] d = differences(work, work.tiles().loadFrom(0, tile, scratch), n, scratch);
        if (selected.isPresent()) {
            float[] variance = variance(work, d, n, scratch);
            selected.get().keep(tile, variance, n, work.kernels());
            for (float[] each : d) {
                work.kernels().keepWhere(each, variance, n);
            }
        }
        return d;
    }

    /// Each model's share of the energy, which is the mean of its squared differences.
    private static float[] weights(Work work, Optional<Cut> selected) {
        int models = work.tiles().inputs() - 1;
        double[] energies =
                work.sum(models, (tile, scratch) -> energies(work, selected, tile, scratch));
        Arithmetic steps = work.arithmetic(work.scratches().getFirst(), 1);
        float[] weights = new float[models];
        for (int k = 0; k < models; k++) {
            weights[k] = steps.round(energies[k] / work.tiles().elements());
        }
        float sum = steps.round(StepSums.of(work).sum(weights, 0, models));
        for (int k = 0; k < models; k++) {
            weights[k] = steps.round(sum < ZERO_ENERGY ? 1f / models : weights[k] / sum);
        }
        return weights;
    }

    private static double[] energies(Work work, Optional<Cut> selected, int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        Arithmetic steps = work.arithmetic(scratch, n);
        double[] energies = new double[work.tiles().inputs() - 1];
        float[][] d = selected(work, selected, tile, scratch);
        for (int k = 0; k < energies.length; k++) {
            energies[k] =
                    work.tiles().rounding().isStepwise()
                            ? roundedSquares(work, d[k], n, steps)
                            : work.kernels().squares(d[k], n);
        }
        return energies;
    }

    /// The sum of squares that are rounded each.
    private static double roundedSquares(Work work, float[] d, int n, Arithmetic steps) {
        for (int i = 0; i < n; i++) {
            d[i] *= d[i];
        }
        steps.round(d, n);
        return StepSums.of(work).sum(d, 0, n);
    }

    @Override
    public TensorTiles tiles() {
        return work.tiles();
    }

    @Override
    public void run(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        Arithmetic steps = work.arithmetic(scratch, n);
        float[] out = scratch.output(n);
        float[][] d = selected(work, selected, tile, scratch);
        for (int k = 0; k < d.length; k++) {
            work.tally().thinned(k, tile, d[k], n);
        }
        float[] divisors = scratch.input(work.tiles().inputs(), n);
        steps.eraseMinority(d, weights, LEAST_WEIGHT, divisors, n);
        steps.weightedSum(d, weights, out, n);
        steps.divide(out, divisors, n);
        steps.add(scratch.input(0, n), out, n);
    }
}
