package dev.tailor.tensors.internal.gguf;

import java.util.Arrays;

/// Finds, for groups of numbers, the scale whose quants have the least squared error weighted with
/// the numbers' squares: least squares for the quants of 19 trial scales around the one that makes
/// the number of largest magnitude the lowest quant.
final class SymmetricSearch {
    private static final float ALL_ZERO = 1e-15f;
    private static final int TRIALS_TO_EITHER_SIDE = 9;

    private final Lanes lanes;
    private final int levels;
    private final float[] farthest;
    private final float[] best;
    private final float[] sumXl;
    private final float[] sumL2;

    /// The best scale of each group; 0 where all numbers are.
    final float[] scale;

    /// The inverse scale of the best quants, which are `round(inverse * x)`.
    final float[] inverse;

    private SymmetricSearch(Lanes lanes, int levels) {
        this.lanes = lanes;
        this.levels = levels;
        int groups = lanes.groups();
        farthest = new float[groups];
        best = new float[groups];
        sumXl = new float[groups];
        sumL2 = new float[groups];
        scale = new float[groups];
        inverse = new float[groups];
    }

    /// Searches with quants from `-levels` to `levels - 1`.
    static SymmetricSearch run(Lanes lanes, int levels) {
        SymmetricSearch search = new SymmetricSearch(lanes, levels);
        search.findFarthest();
        search.begin();
        for (int t = -TRIALS_TO_EITHER_SIDE; t <= TRIALS_TO_EITHER_SIDE; t++) {
            if (t != 0) {
                search.attempt(-(levels + 0.1f * t));
            }
        }
        return search;
    }

    private void findFarthest() {
        for (float[] x : lanes.x()) {
            for (int g = 0; g < x.length; g++) {
                if (Math.abs(x[g]) > Math.abs(farthest[g])) {
                    farthest[g] = x[g];
                }
            }
        }
    }

    private boolean isZero(int g) {
        return Math.abs(farthest[g]) < ALL_ZERO;
    }

    private void begin() {
        float[] trial = sums(-levels);
        for (int g = 0; g < scale.length; g++) {
            if (!isZero(g)) {
                inverse[g] = trial[g];
                scale[g] = sumL2[g] == 0 ? 0 : sumXl[g] / sumL2[g];
                best[g] = scale[g] * sumXl[g];
            }
        }
    }

    private void attempt(float lowest) {
        float[] trial = sums(lowest);
        for (int g = 0; g < scale.length; g++) {
            if (!isZero(g) && sumL2[g] > 0 && sumXl[g] * sumXl[g] > best[g] * sumL2[g]) {
                inverse[g] = trial[g];
                scale[g] = sumXl[g] / sumL2[g];
                best[g] = scale[g] * sumXl[g];
            }
        }
    }

    /// Sums of the quants where the farthest number becomes `lowest`.
    private float[] sums(float lowest) {
        int groups = lanes.groups();
        float[] trial = new float[groups];
        for (int g = 0; g < groups; g++) {
            trial[g] = lowest / farthest[g];
        }
        Arrays.fill(sumXl, 0);
        Arrays.fill(sumL2, 0);
        for (float[] x : lanes.x()) {
            addQuants(x, trial, levels, sumXl, sumL2);
        }
        return trial;
    }

    private static void addQuants(
            float[] x, float[] inverse, float levels, float[] sumXl, float[] sumL2) {
        for (int g = 0; g < x.length; g++) {
            float value = x[g];
            float l = Lanes.round(inverse[g] * value, -levels, levels - 1);
            float weight = value * value;
            sumXl[g] += weight * value * l;
            sumL2[g] += weight * l * l;
        }
    }
}
