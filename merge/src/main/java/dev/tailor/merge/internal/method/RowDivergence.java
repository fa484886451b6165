package dev.tailor.merge.internal.method;

import dev.tailor.merge.internal.kernel.Arithmetic;
import dev.tailor.merge.internal.kernel.MergeKernels;
import dev.tailor.merge.internal.tile.Scratch;

/// How far the rows of the second input, taken as distributions by their softmax, diverge from
/// those of the first (Kullback and Leibler): in double precision, or with every step rounded as
/// mergekit does. In bfloat16 little but rounding is left of it then: of a sum of terms around 0
/// that nearly cancel, each has 8 bits.
final class RowDivergence {
    private RowDivergence() {}

    /// The divergence of every row; `work` is in tiles of whole rows.
    static float[] ofEach(Work work) {
        int length = Math.toIntExact(work.tiles().rowLength());
        int rows = length == 0 ? 0 : Math.toIntExact(work.tiles().elements() / length);
        float[] divergences = new float[rows];
        work.forEachTile((tile, scratch) -> {
            int first = (int) (work.tiles().first(tile) / length);
            float[] base = work.tiles().load(tile, 0, scratch);
            float[] other = work.tiles().load(tile, 1, scratch);
            int n = work.tiles().size(tile);
            if (work.tiles().rounding().isNeeded()) {
                inSteps(work, base, other, n, scratch, divergences, first);
                return;
            }
            double[] p = scratch.doubles(0, length);
            double[] q = scratch.doubles(1, length);
            for (int at = 0; at < n; at += length) {
                divergences[first + at / length] =
                        (float) work.kernels().divergence(other, base, at, length, p, q);
            }
        });
        return divergences;
    }

    private static void inSteps(
            Work work,
            float[] base,
            float[] other,
            int n,
            Scratch scratch,
            float[] divergences,
            int first) {
        int length = Math.toIntExact(work.tiles().rowLength());
        Arithmetic steps = work.arithmetic(scratch, n);
        float[] p = softmax(other, n, length, steps);
        float[] q = softmax(base, n, length, steps);
        float[] terms = scratch.output(n);
        for (int i = 0; i < n; i++) {
            terms[i] = p[i] / q[i];
        }
        steps.round(terms, n);
        for (int i = 0; i < n; i++) {
            terms[i] = (float) Math.log(terms[i]);
        }
        steps.round(terms, n);
        for (int i = 0; i < n; i++) {
            terms[i] *= p[i];
        }
        steps.round(terms, n);
        for (int at = 0; at < n; at += length) {
            double sum = 0;
            for (int i = at; i < at + length; i++) {
                sum += terms[i];
            }
            divergences[first + at / length] = steps.round(sum);
        }
    }

    /// The softmax of each row, in single precision and rounded, and a little more; overwrites `x`.
    private static float[] softmax(float[] x, int n, int length, Arithmetic steps) {
        for (int at = 0; at < n; at += length) {
            float max = Float.NEGATIVE_INFINITY;
            for (int i = at; i < at + length; i++) {
                max = Math.max(max, x[i]);
            }
            double sum = 0;
            for (int i = at; i < at + length; i++) {
                x[i] = (float) Math.exp(x[i] - max);
                sum += x[i];
            }
            for (int i = at; i < at + length; i++) {
                x[i] /= (float) sum;
            }
        }
        steps.round(x, n);
        for (int i = 0; i < n; i++) {
            x[i] += (float) MergeKernels.LEAST_PROBABILITY;
        }
        steps.round(x, n);
        return x;
    }
}
