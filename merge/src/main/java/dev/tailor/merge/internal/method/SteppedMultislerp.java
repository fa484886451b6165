package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

import java.util.Arrays;

/// Multislerp in steps that are each rounded, as mergekit's tensor operations are. The steps up to
/// each sum over the tensor are taken again for the next one: nothing of its size is kept.
final class SteppedMultislerp implements TileOperation {
    private final Work work;
    private final Operation.Multislerp multislerp;
    private final Arithmetic scalars;
    private final StepSums sums;
    private final int models;
    private final float[] weights;
    private final float[] lengths;
    private final float[] dots;
    private float meanLength;
    private float turn;

    private SteppedMultislerp(Work work, Operation.Multislerp multislerp) {
        this.work = work;
        this.multislerp = multislerp;
        this.scalars = work.arithmetic(work.scratches().getFirst(), 1);
        this.sums = StepSums.of(work);
        this.models = multislerp.weights().size();
        this.weights = scalars.rounded(Work.floats(multislerp.weights()));
        this.lengths = new float[models];
        this.dots = new float[models];
        if (multislerp.normalizeWeights()) {
            float sum = scalars.round(sums.sum(weights, 0, models));
            for (int k = 0; k < models; k++) {
                weights[k] = scalars.round(weights[k] / sum);
            }
        }
    }

    /// Takes the sums that the result needs, one after the other.
    static TileOperation prepare(Work work, Operation.Multislerp multislerp) {
        SteppedMultislerp stepped = new SteppedMultislerp(work, multislerp);
        stepped.measureLengths();
        stepped.measureMean();
        if (stepped.meanLength < multislerp.epsilon()) {
            if (stepped.models > 2 && Work.sum(stepped.lengths) > 0) {
                throw Multislerp.noMean(work);
            }
            return TileOperation.of(work, stepped::interpolateLinearly);
        }
        stepped.measureDots();
        stepped.measureTurn();
        return stepped;
    }

    private void measureLengths() {
        double[] squares =
                work.sum(
                        models,
                        (tile, scratch) -> {
                            int n = work.tiles().size(tile);
                            float[][] x = vectors(tile, scratch);
                            double[] square = new double[models];
                            Arrays.setAll(square, k -> sums.squares(x[k], 0, n));
                            return square;
                        });
        for (int k = 0; k < models; k++) {
            lengths[k] = scalars.round(Math.sqrt(squares[k]));
        }
    }

    private void measureMean() {
        meanLength =
                length((tile, scratch) -> {
                    float[][] units = units(tile, scratch);
                    return mean(units, work.tiles().size(tile), scratch);
                });
    }

    private void measureDots() {
        double[] products =
                work.sum(
                        models,
                        (tile, scratch) -> {
                            int n = work.tiles().size(tile);
                            Arithmetic steps = work.arithmetic(scratch, n);
                            float[][] units = units(tile, scratch);
                            float[] direction = direction(units, n, scratch);
                            double[] product = new double[models];
                            for (int k = 0; k < models; k++) {
                                steps.multiply(units[k], direction, n);
                                product[k] = sums.sum(units[k], 0, n);
                            }
                            return product;
                        });
        for (int k = 0; k < models; k++) {
            dots[k] = scalars.round(products[k]);
        }
    }

    private void measureTurn() {
        turn =
                length((tile, scratch) -> {
                    int n = work.tiles().size(tile);
                    float[][] units = units(tile, scratch);
                    return tangent(units, direction(units, n, scratch), n, scratch);
                });
        turn = scalars.round(turn + (float) multislerp.epsilon());
    }

    /// Makes a tile of a series.
    @FunctionalInterface
    private interface Tile {
        float[] of(int tile, Scratch scratch);
    }

    private float length(Tile series) {
        double[] square =
                work.sum(
                        1,
                        (tile, scratch) -> {
                            float[] x = series.of(tile, scratch);
                            return new double[] {sums.squares(x, 0, work.tiles().size(tile))};
                        });
        return scalars.round(Math.sqrt(square[0]));
    }

    /// A buffer beyond those of the inputs.
    private float[] buffer(int number, int n, Scratch scratch) {
        return scratch.input(work.tiles().inputs() + number, n);
    }

    /// What is merged, in the buffers of the inputs.
    private float[][] vectors(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        float[][] x = work.tiles().loadFrom(multislerp.fromOrigin() ? 1 : 0, tile, scratch);
        if (multislerp.fromOrigin()) {
            float[] origin = work.tiles().load(tile, 0, scratch);
            Arithmetic steps = work.arithmetic(scratch, n);
            for (float[] each : x) {
                steps.subtract(each, origin, n);
            }
        }
        return x;
    }

    private float[][] units(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        Arithmetic steps = work.arithmetic(scratch, n);
        float[][] x = vectors(tile, scratch);
        for (int k = 0; k < models; k++) {
            float divisor = steps.round(lengths[k] + (float) multislerp.epsilon());
            steps.divide(x[k], divisor == 0 ? 1 : divisor, n);
        }
        return x;
    }

    /// The weighted mean of the units, which are left as they are.
    private float[] mean(float[][] units, int n, Scratch scratch) {
        return weighted(copies(units, n, scratch), buffer(0, n, scratch), n, scratch);
    }

    private float[][] copies(float[][] x, int n, Scratch scratch) {
        float[][] copies = new float[models][];
        for (int k = 0; k < models; k++) {
            copies[k] = buffer(2 + k, n, scratch);
            System.arraycopy(x[k], 0, copies[k], 0, n);
        }
        return copies;
    }

    private float[] weighted(float[][] x, float[] sum, int n, Scratch scratch) {
        work.arithmetic(scratch, n).weightedSum(x, weights, sum, n);
        return sum;
    }

    private float[] direction(float[][] units, int n, Scratch scratch) {
        float[] mean = mean(units, n, scratch);
        work.arithmetic(scratch, n).divide(mean, meanLength, n);
        return mean;
    }

    /// The mean of the units on the tangent plane at `direction`; the units are used up.
    private float[] tangent(float[][] units, float[] direction, int n, Scratch scratch) {
        Arithmetic steps = work.arithmetic(scratch, n);
        float[] along = buffer(1, n, scratch);
        for (int k = 0; k < models; k++) {
            System.arraycopy(direction, 0, along, 0, n);
            steps.scale(along, dots[k], n);
            steps.subtract(units[k], along, n);
        }
        return weighted(units, along, n, scratch);
    }

    private float averageLength(Arithmetic steps) {
        float[] weighted = new float[models];
        for (int k = 0; k < models; k++) {
            weighted[k] = steps.round(lengths[k] * weights[k]);
        }
        return steps.round(sums.sum(weighted, 0, models));
    }

    private void interpolateLinearly(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        float[] out = scratch.output(n);
        weighted(vectors(tile, scratch), out, n, scratch);
        addOrigin(out, n, scratch);
    }

    private void addOrigin(float[] out, int n, Scratch scratch) {
        if (multislerp.fromOrigin()) {
            work.arithmetic(scratch, n).add(scratch.input(0, n), out, n);
        }
    }

    @Override
    public TensorTiles tiles() {
        return work.tiles();
    }

    @Override
    public void run(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        Arithmetic steps = work.arithmetic(scratch, n);
        float[][] units = units(tile, scratch);
        float[] direction = direction(units, n, scratch);
        float[] tangent = tangent(units, direction, n, scratch);
        steps.scale(direction, steps.round(Math.cos(turn)), n);
        float sine = steps.round(Math.sin(turn));
        steps.scale(tangent, turn == 0 ? 1 : steps.round(sine / turn), n);
        steps.add(direction, tangent, n);
        steps.scale(tangent, averageLength(steps), n);
        addOrigin(tangent, n, scratch);
        System.arraycopy(tangent, 0, scratch.output(n), 0, n);
    }
}
