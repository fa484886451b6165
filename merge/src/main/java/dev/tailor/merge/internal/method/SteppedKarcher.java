package dev.tailor.merge.internal.method;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.tile.Scratch;
import dev.tailor.merge.internal.tile.TensorTiles;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The Karcher mean in steps that are each rounded, as mergekit's tensor operations are. Each sum
/// over the tensor needs the mean as it is by then, which is made again from the start: nothing of
/// the tensor's size is kept, at the price of time that grows with the square of the iterations.
/// Directions that agree to the last bit, as those of usual fine-tunes in bfloat16, need none.
final class SteppedKarcher implements TileOperation {
    private final Work work;
    private final double tolerance;
    private final Arithmetic scalars;
    private final float[] lengths;
    private final int[] valid;
    private final float share;
    private final List<Iteration> iterations = new ArrayList<>();
    private float firstLength;

    /// The numbers of one iteration.
    ///
    /// @param dots by direction, its product with the mean
    /// @param pulls by direction, what its part in the tangent plane is multiplied by; 0: not at
    ///   all
    /// @param distance how long the mean in the tangent plane is
    /// @param length of the moved mean, which it is divided by
    private record Iteration(float[] dots, float[] pulls, float distance, float length) {}

    private SteppedKarcher(Work work, Operation.Karcher karcher) {
        this.work = work;
        this.tolerance = karcher.tolerance();
        this.scalars = work.arithmetic(work.scratches().getFirst(), 1);
        this.lengths = lengths(work);
        this.valid = indicesAbove(lengths, tolerance);
        double ofAll = 1.0 / lengths.length;
        double sum = 0;
        for (int i = 0; i < valid.length; i++) {
            sum += ofAll;
        }
        this.share = (float) (ofAll / sum);
    }

    static TileOperation prepare(Work work, Operation.Karcher karcher) {
        SteppedKarcher stepped = new SteppedKarcher(work, karcher);
        if (stepped.valid.length == 0) {
            return TileOperation.of(
                    work,
                    (tile, scratch) -> {
                        int n = work.tiles().size(tile);
                        Arrays.fill(scratch.output(n), 0, n, 0);
                    });
        }
        stepped.firstLength = stepped.length(Stage.START);
        for (int i = 0; i < karcher.maxIterations(); i++) {
            if (!stepped.iterate()) {
                break;
            }
        }
        return stepped;
    }

    private static float[] lengths(Work work) {
        StepSums sums = StepSums.inSinglePrecision(work);
        int inputs = work.tiles().inputs();
        double[] squares =
                work.sum(
                        inputs,
                        (tile, scratch) -> {
                            int n = work.tiles().size(tile);
                            float[][] x = work.tiles().loadFrom(0, tile, scratch);
                            double[] square = new double[inputs];
                            Arrays.setAll(square, k -> sums.squares(x[k], 0, n));
                            return square;
                        });
        float[] lengths = new float[inputs];
        for (int k = 0; k < inputs; k++) {
            lengths[k] = (float) Math.sqrt(squares[k]);
        }
        return lengths;
    }

    private static int[] indicesAbove(float[] lengths, double tolerance) {
        return IntStream.range(0, lengths.length).filter(k -> lengths[k] > tolerance).toArray();
    }

    /// Whether the mean moved.
    private boolean iterate() {
        float[] dots = dots();
        float[] pulls = new float[valid.length];
        for (int k = 0; k < valid.length; k++) {
            float angle = scalars.round(Math.acos(dots[k]));
            if (angle >= tolerance) {
                float ratio = scalars.round(angle / scalars.round(Math.sin(angle)));
                pulls[k] = scalars.round(share * ratio);
            }
        }
        float distance = lengthWith(new Iteration(dots, pulls, 0, 0), Stage.TANGENT);
        if (distance < tolerance) {
            return false;
        }
        float length = lengthWith(new Iteration(dots, pulls, distance, 0), Stage.MOVED);
        iterations.add(new Iteration(dots, pulls, distance, length));
        return true;
    }

    /// The length of what one more iteration comes to, of which not all is known yet.
    private float lengthWith(Iteration next, Stage stage) {
        iterations.add(next);
        float length = length(stage);
        iterations.removeLast();
        return length;
    }

    private float[] dots() {
        StepSums sums = StepSums.of(work);
        double[] products =
                work.sum(
                        valid.length,
                        (tile, scratch) -> {
                            int n = work.tiles().size(tile);
                            float[][] units = units(tile, scratch);
                            float[] u = mean(units, n, Stage.DONE, scratch);
                            double[] product = new double[valid.length];
                            Arrays.setAll(product, k -> sums.dot(u, units[k], n));
                            return product;
                        });
        float[] dots = new float[valid.length];
        for (int k = 0; k < dots.length; k++) {
            dots[k] = Math.clamp(scalars.round(products[k]), -1f, 1f);
        }
        return dots;
    }

    /// How far the last iteration (or the start before the first) is taken.
    private enum Stage {
        /// The mean of the directions, not yet of length 1.
        START,
        /// The last iteration's mean in the tangent plane.
        TANGENT,
        /// The mean after the last iteration, not yet of length 1.
        MOVED,
        /// The mean.
        DONE
    }

    private float length(Stage stage) {
        StepSums sums = StepSums.inSinglePrecision(work);
        double[] square =
                work.sum(
                        1,
                        (tile, scratch) -> {
                            int n = work.tiles().size(tile);
                            float[] x = mean(units(tile, scratch), n, stage, scratch);
                            return new double[] {sums.squares(x, 0, n)};
                        });
        return (float) Math.sqrt(square[0]);
    }

    private float[][] units(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        Arithmetic steps = work.arithmetic(scratch, n);
        float[][] units = new float[valid.length][];
        for (int k = 0; k < valid.length; k++) {
            units[k] = work.tiles().load(tile, valid[k], scratch);
            steps.divide(units[k], lengths[valid[k]], n);
        }
        return units;
    }

    /// The mean of the directions after the iterations so far.
    private float[] mean(float[][] units, int n, Stage stage, Scratch scratch) {
        Arithmetic steps = work.arithmetic(scratch, n);
        float[] u = scratch.output(n);
        float[] tangent = scratch.input(lengths.length, n);
        float[] part = scratch.input(lengths.length + 1, n);
        start(units, u, part, n, stage, steps);
        for (int i = 0; stage != Stage.START && i < iterations.size(); i++) {
            Iteration iteration = iterations.get(i);
            boolean last = i == iterations.size() - 1;
            tangent(units, u, iteration, new float[][] {tangent, part}, n, steps);
            if (last && stage == Stage.TANGENT) {
                return tangent;
            }
            steps.scale(u, steps.round(Math.cos(iteration.distance())), n);
            steps.divide(tangent, iteration.distance(), n);
            steps.scale(tangent, steps.round(Math.sin(iteration.distance())), n);
            steps.add(tangent, u, n);
            if (!(last && stage == Stage.MOVED) && iteration.length() > tolerance) {
                steps.divide(u, iteration.length(), n);
            }
        }
        return u;
    }

    private void start(
            float[][] units, float[] u, float[] part, int n, Stage stage, Arithmetic steps) {
        if (stage != Stage.START && firstLength < tolerance) {
            System.arraycopy(units[0], 0, u, 0, n);
            return;
        }
        Arrays.fill(u, 0, n, 0);
        for (float[] unit : units) {
            System.arraycopy(unit, 0, part, 0, n);
            steps.scale(part, share, n);
            steps.add(part, u, n);
        }
        if (stage != Stage.START) {
            steps.divide(u, firstLength, n);
        }
    }

    /// The mean of the directions on the tangent plane at `u`, into the first buffer.
    private static void tangent(
            float[][] units,
            float[] u,
            Iteration iteration,
            float[][] buffers,
            int n,
            Arithmetic steps) {
        float[] tangent = buffers[0];
        float[] part = buffers[1];
        Arrays.fill(tangent, 0, n, 0);
        for (int k = 0; k < units.length; k++) {
            if (iteration.pulls()[k] != 0) {
                System.arraycopy(u, 0, part, 0, n);
                steps.scale(part, -iteration.dots()[k], n);
                steps.add(units[k], part, n);
                steps.scale(part, iteration.pulls()[k], n);
                steps.add(part, tangent, n);
            }
        }
    }

    private float averageLength() {
        double sum = 0;
        for (float length : lengths) {
            sum += 1.0 / lengths.length * length;
        }
        return (float) sum;
    }

    @Override
    public TensorTiles tiles() {
        return work.tiles();
    }

    @Override
    public void run(int tile, Scratch scratch) {
        int n = work.tiles().size(tile);
        float[] u = mean(units(tile, scratch), n, Stage.DONE, scratch);
        work.arithmetic(scratch, n).scale(u, averageLength(), n);
    }
}
