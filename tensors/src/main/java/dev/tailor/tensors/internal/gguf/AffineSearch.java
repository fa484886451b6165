package dev.tailor.tensors.internal.gguf;

import java.util.Arrays;

/// Finds, for groups of numbers, the scale and offset whose quants have the least weighted squared
/// error: least squares for the quants of several trial scales, each with the offset that is the
/// best so far, which is not above 0.
///
/// The quants of group `g` are `round(inverse_g * (x - offset_g))` between 0 and the highest.
final class AffineSearch {
    private static final float STEP = 0.1f;

    private final Lanes lanes;
    private final float[][] weights;
    private final int highest;
    private final float[] sumOfWeights;
    private final float[] weightedSum;
    private final float[] high;
    private final float[] error;
    private final float[][] quants;

    /// The best scale of each group.
    final float[] scale;

    /// The best offset of each group.
    final float[] offset;

    /// The inverse scale of the quants of the best trial.
    final float[] inverse;

    /// The offset of the quants of the best trial.
    final float[] offsetOfQuants;

    private AffineSearch(Lanes lanes, float[][] weights, int highest) {
        this.lanes = lanes;
        this.weights = weights;
        this.highest = highest;
        int groups = lanes.groups();
        sumOfWeights = new float[groups];
        weightedSum = new float[groups];
        high = new float[groups];
        error = new float[groups];
        quants = new float[lanes.size()][groups];
        scale = new float[groups];
        offset = new float[groups];
        inverse = new float[groups];
        offsetOfQuants = new float[groups];
    }

    /// Tries `trials` scales that map the range of a group to `highest + first`, `highest + first +
    /// 0.1`, ...
    static AffineSearch run(Lanes lanes, float[][] weights, int highest, float first, int trials) {
        AffineSearch search = new AffineSearch(lanes, weights, highest);
        search.begin();
        float[] trial = new float[lanes.groups()];
        Sums sums = new Sums(lanes.groups());
        for (int t = 0; t < trials; t++) {
            float levels = first + STEP * t + highest;
            for (int g = 0; g < trial.length; g++) {
                trial[g] = levels / (search.high[g] - search.offset[g]);
            }
            search.attempt(trial, sums);
        }
        search.leaveFlat();
        return search;
    }

    /// The straightforward scale: the range of the numbers and 0.
    private void begin() {
        int groups = lanes.groups();
        float[][] x = lanes.x();
        System.arraycopy(x[0], 0, offset, 0, groups);
        System.arraycopy(x[0], 0, high, 0, groups);
        for (int i = 0; i < lanes.size(); i++) {
            spread(x[i], offset, high);
            addWeights(x[i], weights[i], sumOfWeights, weightedSum);
        }
        for (int g = 0; g < groups; g++) {
            offset[g] = Math.min(offset[g], 0);
            inverse[g] = highest / (high[g] - offset[g]);
            scale[g] = 1 / inverse[g];
        }
        System.arraycopy(offset, 0, offsetOfQuants, 0, groups);
        for (int i = 0; i < lanes.size(); i++) {
            quantise(x[i], inverse, offset, highest, quants[i]);
            addError(x[i], weights[i], quants[i], scale, offset, error);
        }
    }

    private static void quantise(
            float[] x, float[] inverse, float[] offset, float highest, float[] quants) {
        for (int g = 0; g < x.length; g++) {
            quants[g] = Lanes.round(inverse[g] * (x[g] - offset[g]), 0, highest);
        }
    }

    private static void spread(float[] x, float[] low, float[] high) {
        for (int g = 0; g < x.length; g++) {
            low[g] = Math.min(low[g], x[g]);
            high[g] = Math.max(high[g], x[g]);
        }
    }

    private static void addWeights(float[] x, float[] weights, float[] sum, float[] weighted) {
        for (int g = 0; g < x.length; g++) {
            float w = weights[g];
            sum[g] += w;
            weighted[g] += w * x[g];
        }
    }

    private record Sums(
            float[] l, float[] l2, float[] xl, float[] scale, float[] offset, float[] error) {
        Sums(int groups) {
            this(
                    new float[groups],
                    new float[groups],
                    new float[groups],
                    new float[groups],
                    new float[groups],
                    new float[groups]);
        }

        void clear() {
            Arrays.fill(l, 0);
            Arrays.fill(l2, 0);
            Arrays.fill(xl, 0);
            Arrays.fill(error, 0);
        }
    }

    /// Takes the quants of one trial, the best scale and offset for them, and keeps these where
    /// they are better.
    private void attempt(float[] trial, Sums sums) {
        int groups = lanes.groups();
        float[][] x = lanes.x();
        sums.clear();
        for (int i = 0; i < lanes.size(); i++) {
            quantise(x[i], trial, offset, highest, quants[i]);
            addQuants(x[i], weights[i], quants[i], sums.l, sums.l2, sums.xl);
        }
        for (int g = 0; g < groups; g++) {
            fit(g, sums);
        }
        for (int i = 0; i < lanes.size(); i++) {
            addError(x[i], weights[i], quants[i], sums.scale, sums.offset, sums.error);
        }
        for (int g = 0; g < groups; g++) {
            // False where nothing could be fitted: the error is then not a number.
            if (sums.error[g] < error[g]) {
                inverse[g] = trial[g];
                offsetOfQuants[g] = offset[g];
                error[g] = sums.error[g];
                scale[g] = sums.scale[g];
                offset[g] = sums.offset[g];
            }
        }
    }

    private static void addQuants(
            float[] x,
            float[] weights,
            float[] quants,
            float[] sumL,
            float[] sumL2,
            float[] sumXl) {
        for (int g = 0; g < x.length; g++) {
            float l = quants[g];
            float wl = weights[g] * l;
            sumL[g] += wl;
            sumL2[g] += wl * l;
            sumXl[g] += wl * x[g];
        }
    }

    private void fit(int g, Sums sums) {
        float determinant = sumOfWeights[g] * sums.l2[g] - sums.l[g] * sums.l[g];
        if (!(determinant > 0)) {
            sums.scale[g] = Float.NaN;
            sums.offset[g] = Float.NaN;
            return;
        }
        sums.scale[g] = (sumOfWeights[g] * sums.xl[g] - weightedSum[g] * sums.l[g]) / determinant;
        sums.offset[g] = (sums.l2[g] * weightedSum[g] - sums.l[g] * sums.xl[g]) / determinant;
        if (sums.offset[g] > 0) {
            sums.offset[g] = 0;
            sums.scale[g] = sums.xl[g] / sums.l2[g];
        }
    }

    private static void addError(
            float[] x,
            float[] weights,
            float[] quants,
            float[] scale,
            float[] offset,
            float[] error) {
        for (int g = 0; g < x.length; g++) {
            float difference = scale[g] * quants[g] + offset[g] - x[g];
            error[g] += weights[g] * (difference * difference);
        }
    }

    /// Groups of equal numbers that are not above 0, whose error is not a number: all quants are 0.
    private void leaveFlat() {
        for (int g = 0; g < scale.length; g++) {
            if (Float.isNaN(error[g])) {
                scale[g] = 0;
                inverse[g] = 0;
            }
        }
    }
}
