package dev.tailor.train.internal.spectrum;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The product of a matrix with its own transpose, summed in double precision.
final class GramMatrix {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

    /// As many floats as there are double lanes, so that one conversion fills one register.
    private static final VectorSpecies<Float> FLOATS =
            VectorSpecies.of(
                    float.class,
                    jdk.incubator.vector.VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));

    /// Floats of a panel: a panel of some rows stays in the first-level cache while others pass.
    private static final int PANEL = 1024;

    private GramMatrix() {}

    /// `A Aᵀ` of `A` `[rows, columns]`, as the lower triangle of `[rows, rows]`, row-major; the
    /// rest is 0. Four times four dot products run at once: each load then feeds four
    /// multiplications.
    static double[] of(float[] a, int rows, int columns) {
        double[] gram = new double[rows * rows];
        for (int start = 0; start < columns; start += PANEL) {
            int end = Math.min(columns, start + PANEL);
            for (int i = 0; i < rows; i += 4) {
                for (int j = 0; j <= i; j += 4) {
                    if (i + 4 <= rows) {
                        block(a, columns, start, end, i, j, gram, rows);
                    } else {
                        edge(a, columns, start, end, i, j, gram, rows);
                    }
                }
            }
        }
        return gram;
    }

    /// Adds the dot products of rows `i..i+3` with rows `j..j+3` over columns `start..end`.
    private static void block(
            float[] a, int columns, int start, int end, int i, int j, double[] gram, int rows) {
        for (int half = 0; half < 4; half += 2) {
            int i0 = (i + half) * columns;
            int i1 = i0 + columns;
            int j0 = j * columns;
            DoubleVector s00 = DoubleVector.zero(DOUBLES);
            DoubleVector s01 = s00;
            DoubleVector s02 = s00;
            DoubleVector s03 = s00;
            DoubleVector s10 = s00;
            DoubleVector s11 = s00;
            DoubleVector s12 = s00;
            DoubleVector s13 = s00;
            int k = start;
            for (int bound = start + DOUBLES.loopBound(end - start);
                    k < bound;
                    k += DOUBLES.length()) {
                DoubleVector x0 = widened(a, i0 + k);
                DoubleVector x1 = widened(a, i1 + k);
                DoubleVector y0 = widened(a, j0 + k);
                DoubleVector y1 = widened(a, j0 + columns + k);
                DoubleVector y2 = widened(a, j0 + 2 * columns + k);
                DoubleVector y3 = widened(a, j0 + 3 * columns + k);
                s00 = x0.fma(y0, s00);
                s01 = x0.fma(y1, s01);
                s02 = x0.fma(y2, s02);
                s03 = x0.fma(y3, s03);
                s10 = x1.fma(y0, s10);
                s11 = x1.fma(y1, s11);
                s12 = x1.fma(y2, s12);
                s13 = x1.fma(y3, s13);
            }
            int g = (i + half) * rows + j;
            gram[g] += Lanes.sum(s00) + tail(a, i0, j0, k, end);
            gram[g + 1] += Lanes.sum(s01) + tail(a, i0, j0 + columns, k, end);
            gram[g + 2] += Lanes.sum(s02) + tail(a, i0, j0 + 2 * columns, k, end);
            gram[g + 3] += Lanes.sum(s03) + tail(a, i0, j0 + 3 * columns, k, end);
            gram[g + rows] += Lanes.sum(s10) + tail(a, i1, j0, k, end);
            gram[g + rows + 1] += Lanes.sum(s11) + tail(a, i1, j0 + columns, k, end);
            gram[g + rows + 2] += Lanes.sum(s12) + tail(a, i1, j0 + 2 * columns, k, end);
            gram[g + rows + 3] += Lanes.sum(s13) + tail(a, i1, j0 + 3 * columns, k, end);
        }
    }

    /// The last rows when their number is no multiple of four.
    private static void edge(
            float[] a, int columns, int start, int end, int i, int j, double[] gram, int rows) {
        for (int p = i; p < rows; p++) {
            for (int q = j; q < Math.min(j + 4, p + 1); q++) {
                gram[p * rows + q] += tail(a, p * columns, q * columns, start, end);
            }
        }
    }

    private static DoubleVector widened(float[] a, int index) {
        return (DoubleVector)
                FloatVector.fromArray(FLOATS, a, index)
                        .convertShape(VectorOperators.F2D, DOUBLES, 0);
    }

    private static double tail(float[] a, int i, int j, int from, int end) {
        double sum = 0;
        for (int k = from; k < end; k++) {
            sum += (double) a[i + k] * a[j + k];
        }
        return sum;
    }
}
