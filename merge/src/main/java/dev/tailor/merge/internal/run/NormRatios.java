package dev.tailor.merge.internal.run;

import dev.tailor.merge.internal.kernel.SteppedArithmetic;
import dev.tailor.merge.internal.run.TileOperation.Preparation;

/// How much each pruned difference must grow to have its former L1 norm again.
final class NormRatios {
    private static final double ZERO_NORM = 1e-7;

    private NormRatios() {}

    /// By model: the L1 norm before pruning over that after it, 1 where nothing is left or pruned.
    static float[] of(Preparation preparation, Thresholds[] thresholds) {
        TensorTiles tiles = preparation.tiles();
        int models = thresholds.length;
        double[][] before = new double[tiles.count()][models];
        double[][] after = new double[tiles.count()][models];
        preparation
                .workers()
                .run(
                        tiles.count(),
                        (worker, tile) -> {
                            Scratch scratch = preparation.scratches().get(worker);
                            SteppedArithmetic steps = tiles.stepped(scratch);
                            int n = tiles.size(tile);
                            float[] base = tiles.load(tile, 0, scratch);
                            for (int k = 0; k < models; k++) {
                                float[] x = tiles.load(tile, k + 1, scratch);
                                before[tile][k] = norm(base, x, 0, n, steps, tiles);
                                int bits =
                                        thresholds[k].apply(
                                                tile,
                                                base,
                                                x,
                                                n,
                                                steps,
                                                tiles.roundTo().isPresent());
                                after[tile][k] = norm(base, x, bits, n, steps, tiles);
                            }
                        });
        float[] ratios = new float[models];
        for (int k = 0; k < models; k++) {
            double all = 0;
            double kept = 0;
            for (int tile = 0; tile < before.length; tile++) {
                all += before[tile][k];
                kept += after[tile][k];
            }
            ratios[k] = kept > ZERO_NORM ? (float) (all / kept) : 1;
        }
        return ratios;
    }

    private static double norm(
            float[] base, float[] x, int bits, int n, SteppedArithmetic steps, TensorTiles tiles) {
        float[] d = new float[n];
        for (int i = 0; i < n; i++) {
            d[i] = x[i] - base[i];
        }
        if (tiles.roundTo().isPresent()) {
            steps.round(d, n);
        }
        double sum = 0;
        for (float each : d) {
            float magnitude = Math.abs(each);
            if (Float.floatToRawIntBits(magnitude) >= bits) {
                sum += magnitude;
            }
        }
        return sum;
    }
}
