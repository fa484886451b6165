package dev.tailor.merge.internal.run;

import dev.tailor.merge.Operation;
import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.merge.internal.kernel.SteppedArithmetic;

import java.util.List;

/// Makes one tile of the output. What an operation must know of the whole tensor (a norm, a
/// threshold) is found out when it is prepared.
@FunctionalInterface
interface TileOperation {
    /// Reads the inputs' tiles and leaves the result in the thread's output buffer.
    void run(int tile, Scratch scratch);

    /// Prepares the operation of a tensor.
    static TileOperation prepare(
            TensorTiles tiles, MergeKernels kernels, Workers workers, List<Scratch> scratches) {
        Preparation preparation = new Preparation(tiles, kernels, workers, scratches);
        return switch (tiles.tensor().operation()) {
            case Operation.Copy(double scale) -> preparation.copy((float) scale);
            case Operation.Linear linear -> preparation.linear(linear);
            case Operation.Slerp(double t) -> preparation.slerp(t);
            case Operation.TaskArithmetic arithmetic -> preparation.taskArithmetic(arithmetic);
            case Operation.Ties ties -> preparation.ties(ties);
        };
    }

    /// The operations, fused or rounded at each step.
    record Preparation(
            TensorTiles tiles, MergeKernels kernels, Workers workers, List<Scratch> scratches) {
        /// Vectors whose cosine is beyond this are interpolated linearly.
        private static final double COLINEAR = 0.9995;

        private static final double ZERO_NORM = 1e-8;

        private boolean stepped() {
            return tiles.roundTo().isPresent();
        }

        TileOperation copy(float scale) {
            return (tile, scratch) -> {
                int n = tiles.size(tile);
                float[] out = scratch.output();
                System.arraycopy(tiles.load(tile, 0, scratch), 0, out, 0, n);
                if (scale != 1) {
                    tiles.stepped(scratch).scale(out, scale, n);
                }
            };
        }

        TileOperation linear(Operation.Linear linear) {
            float[] w = floats(linear.weights());
            float divisor = linear.normalize() ? sum(w) : 1;
            return (tile, scratch) -> {
                int n = tiles.size(tile);
                float[][] x = tiles.loadFrom(0, tile, scratch);
                if (stepped()) {
                    tiles.stepped(scratch).linear(x, w, linear.normalize(), scratch.output(), n);
                } else {
                    kernels.linear(x, w, divisor, scratch.output(), n);
                }
            };
        }

        /// Shoemake 1985: with the angle θ between both, sin((1-t)θ)/sin θ and sin(tθ)/sin θ.
        TileOperation slerp(double t) {
            double[] moments = moments();
            double norm0 = Math.sqrt(moments[0]);
            double norm1 = Math.sqrt(moments[1]);
            double cosine =
                    moments[2] / (norm0 > ZERO_NORM ? norm0 : 1) / (norm1 > ZERO_NORM ? norm1 : 1);
            float[] w = {(float) (1 - t), (float) t};
            if (Math.abs(cosine) <= COLINEAR) {
                double angle = Math.acos(cosine);
                w[0] = (float) (Math.sin((1 - t) * angle) / Math.sin(angle));
                w[1] = (float) (Math.sin(t * angle) / Math.sin(angle));
            }
            return (tile, scratch) -> {
                int n = tiles.size(tile);
                float[] out = scratch.output();
                kernels.linear(tiles.loadFrom(0, tile, scratch), w, 1, out, n);
                if (stepped()) {
                    tiles.stepped(scratch).round(out, n);
                }
            };
        }

        /// The squared norms of both inputs and their product, in double precision; tile sums are
        /// added in the order of the tiles.
        private double[] moments() {
            double[][] perTile = new double[tiles.count()][];
            workers.run(
                    tiles.count(),
                    (worker, tile) -> {
                        Scratch scratch = scratches.get(worker);
                        int n = tiles.size(tile);
                        float[] x = tiles.load(tile, 0, scratch);
                        float[] y = tiles.load(tile, 1, scratch);
                        perTile[tile] =
                                new double[] {
                                    kernels.dot(x, x, n), kernels.dot(y, y, n), kernels.dot(x, y, n)
                                };
                    });
            double[] moments = new double[3];
            for (double[] tile : perTile) {
                for (int i = 0; i < 3; i++) {
                    moments[i] += tile[i];
                }
            }
            return moments;
        }

        TileOperation taskArithmetic(Operation.TaskArithmetic arithmetic) {
            float[] w = floats(arithmetic.weights());
            float lambda = (float) arithmetic.lambda();
            float total = sum(w);
            float divisor = arithmetic.normalize() && Math.abs(total) >= 1e-8f ? total : 1;
            return (tile, scratch) -> {
                int n = tiles.size(tile);
                float[] base = tiles.load(tile, 0, scratch);
                float[][] x = tiles.loadFrom(1, tile, scratch);
                float[] out = scratch.output();
                if (stepped()) {
                    tiles.stepped(scratch)
                            .taskArithmetic(base, x, w, arithmetic.normalize(), lambda, out, n);
                } else {
                    kernels.taskArithmetic(base, x, w, divisor, lambda, out, n);
                }
            };
        }

        TileOperation ties(Operation.Ties ties) {
            Thresholds[] thresholds =
                    new ThresholdSearch(tiles, ties.densities(), kernels, workers, scratches)
                            .find();
            float[] w = floats(ties.weights());
            float lambda = (float) ties.lambda();
            float[] rescale = ties.rescale() ? NormRatios.of(this, thresholds) : new float[0];
            return (tile, scratch) -> {
                int n = tiles.size(tile);
                float[] base = tiles.load(tile, 0, scratch);
                float[][] x = tiles.loadFrom(1, tile, scratch);
                SteppedArithmetic steps = tiles.stepped(scratch);
                int[] bits = new int[x.length];
                for (int k = 0; k < x.length; k++) {
                    bits[k] = thresholds[k].apply(tile, base, x[k], n, steps, stepped());
                }
                MergeKernels.Ties parameters =
                        new MergeKernels.Ties(w, bits, rescale, ties.normalize(), lambda);
                if (stepped()) {
                    steps.ties(base, x, parameters, scratch.output(), n);
                } else {
                    kernels.ties(base, x, parameters, scratch.output(), n);
                }
            };
        }

        private static float[] floats(List<Double> values) {
            float[] floats = new float[values.size()];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = values.get(i).floatValue();
            }
            return floats;
        }

        private static float sum(float[] values) {
            float sum = 0;
            for (float value : values) {
                sum += value;
            }
            return sum;
        }
    }
}
