package dev.tailor.merge.internal.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.util.Arrays;

/// Four rows and two vectors of columns at a time: eight sums hide the latency of the fused
/// multiply-add, and each number that is loaded is used for four or two of them.
public final class VectorMatrixKernels implements MatrixKernels {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final int WIDE = 2 * LANES;
    private static final int DOUBLE_LANES = DOUBLES.length();
    private static final int WIDE_DOUBLES = 2 * DOUBLE_LANES;

    /// Columns taken before the next: their rows of the thin matrix stay in a first-level cache.
    private static final int PANEL = 128;

    @Override
    public void add(LowRankProduct product, LowRankProduct.Block block, float[] target, int at) {
        int width = block.to() - block.from();
        int bound = block.from() + width / WIDE * WIDE;
        int i = 0;
        for (; i + 4 <= block.rows(); i += 4) {
            addFourRows(product, block, i, bound, target, at);
        }
        for (; i < block.rows(); i++) {
            addRow(product, block, i, bound, target, at);
        }
        ScalarMatrixKernels.add(product, block, bound, target, at);
    }

    private static void addFourRows(
            LowRankProduct product,
            LowRankProduct.Block block,
            int i,
            int bound,
            float[] target,
            int at) {
        int rank = product.rank();
        int columns = product.columns();
        int width = block.to() - block.from();
        float[] left = product.left().values();
        float[] right = product.right().values();
        int l = (block.row() + i) * rank;
        for (int j = block.from(); j < bound; j += WIDE) {
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            for (int k = 0; k < rank; k++) {
                FloatVector r0 = FloatVector.fromArray(FLOATS, right, k * columns + j);
                FloatVector r1 = FloatVector.fromArray(FLOATS, right, k * columns + j + LANES);
                FloatVector a = FloatVector.broadcast(FLOATS, left[l + k]);
                a0 = r0.fma(a, a0);
                a1 = r1.fma(a, a1);
                FloatVector b = FloatVector.broadcast(FLOATS, left[l + rank + k]);
                b0 = r0.fma(b, b0);
                b1 = r1.fma(b, b1);
                FloatVector c = FloatVector.broadcast(FLOATS, left[l + 2 * rank + k]);
                c0 = r0.fma(c, c0);
                c1 = r1.fma(c, c1);
                FloatVector d = FloatVector.broadcast(FLOATS, left[l + 3 * rank + k]);
                d0 = r0.fma(d, d0);
                d1 = r1.fma(d, d1);
            }
            int to = at + i * width + j - block.from();
            store(a0, a1, product.scale(), target, to);
            store(b0, b1, product.scale(), target, to + width);
            store(c0, c1, product.scale(), target, to + 2 * width);
            store(d0, d1, product.scale(), target, to + 3 * width);
        }
    }

    private static void addRow(
            LowRankProduct product,
            LowRankProduct.Block block,
            int i,
            int bound,
            float[] target,
            int at) {
        int rank = product.rank();
        float[] left = product.left().values();
        float[] right = product.right().values();
        int l = (block.row() + i) * rank;
        int row = at + i * (block.to() - block.from()) - block.from();
        for (int j = block.from(); j < bound; j += WIDE) {
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector a1 = a0;
            for (int k = 0; k < rank; k++) {
                int r = k * product.columns() + j;
                FloatVector a = FloatVector.broadcast(FLOATS, left[l + k]);
                a0 = FloatVector.fromArray(FLOATS, right, r).fma(a, a0);
                a1 = FloatVector.fromArray(FLOATS, right, r + LANES).fma(a, a1);
            }
            store(a0, a1, product.scale(), target, row + j);
        }
    }

    private static void store(
            FloatVector low, FloatVector high, float scale, float[] target, int to) {
        FloatVector.fromArray(FLOATS, target, to).add(low.mul(scale)).intoArray(target, to);
        FloatVector.fromArray(FLOATS, target, to + LANES)
                .add(high.mul(scale))
                .intoArray(target, to + LANES);
    }

    @Override
    public void multiply(Matrix matrix, double[] x, int width, double[] out) {
        int whole = width / DOUBLE_LANES * DOUBLE_LANES;
        int rows = matrix.rows() / 4 * 4;
        Arrays.fill(out, 0, rows * width, 0);
        for (int from = 0; from < matrix.columns(); from += PANEL) {
            Panel panel =
                    new Panel(
                            matrix, from, Math.min(matrix.columns(), from + PANEL), x, width, out);
            for (int i = 0; i < rows; i += 4) {
                int c = 0;
                for (; c + WIDE_DOUBLES <= whole; c += WIDE_DOUBLES) {
                    panel.addWide(i, c);
                }
                if (c < whole) {
                    panel.addNarrow(i, c);
                }
            }
        }
        if (whole < width) {
            ScalarMatrixKernels.multiply(matrix, 0, x, width, whole, out);
        }
        if (rows < matrix.rows()) {
            ScalarMatrixKernels.multiply(matrix, rows, x, width, 0, out);
        }
    }

    /// Columns `from` to `to` of a matrix with the rows of `x` that they meet.
    private record Panel(Matrix matrix, int from, int to, double[] x, int width, double[] out) {
        void addWide(int i, int column) {
            int n = matrix.columns();
            float[] m = matrix.values();
            int row = i * n;
            int at = i * width + column;
            DoubleVector a0 = DoubleVector.fromArray(DOUBLES, out, at);
            DoubleVector a1 = DoubleVector.fromArray(DOUBLES, out, at + DOUBLE_LANES);
            DoubleVector b0 = DoubleVector.fromArray(DOUBLES, out, at + width);
            DoubleVector b1 = DoubleVector.fromArray(DOUBLES, out, at + width + DOUBLE_LANES);
            DoubleVector c0 = DoubleVector.fromArray(DOUBLES, out, at + 2 * width);
            DoubleVector c1 = DoubleVector.fromArray(DOUBLES, out, at + 2 * width + DOUBLE_LANES);
            DoubleVector d0 = DoubleVector.fromArray(DOUBLES, out, at + 3 * width);
            DoubleVector d1 = DoubleVector.fromArray(DOUBLES, out, at + 3 * width + DOUBLE_LANES);
            for (int j = from; j < to; j++) {
                int of = j * width + column;
                DoubleVector x0 = DoubleVector.fromArray(DOUBLES, x, of);
                DoubleVector x1 = DoubleVector.fromArray(DOUBLES, x, of + DOUBLE_LANES);
                DoubleVector a = DoubleVector.broadcast(DOUBLES, m[row + j]);
                a0 = x0.fma(a, a0);
                a1 = x1.fma(a, a1);
                DoubleVector b = DoubleVector.broadcast(DOUBLES, m[row + n + j]);
                b0 = x0.fma(b, b0);
                b1 = x1.fma(b, b1);
                DoubleVector c = DoubleVector.broadcast(DOUBLES, m[row + 2 * n + j]);
                c0 = x0.fma(c, c0);
                c1 = x1.fma(c, c1);
                DoubleVector d = DoubleVector.broadcast(DOUBLES, m[row + 3 * n + j]);
                d0 = x0.fma(d, d0);
                d1 = x1.fma(d, d1);
            }
            a0.intoArray(out, at);
            a1.intoArray(out, at + DOUBLE_LANES);
            b0.intoArray(out, at + width);
            b1.intoArray(out, at + width + DOUBLE_LANES);
            c0.intoArray(out, at + 2 * width);
            c1.intoArray(out, at + 2 * width + DOUBLE_LANES);
            d0.intoArray(out, at + 3 * width);
            d1.intoArray(out, at + 3 * width + DOUBLE_LANES);
        }

        void addNarrow(int i, int column) {
            int n = matrix.columns();
            float[] m = matrix.values();
            int row = i * n;
            int at = i * width + column;
            DoubleVector a = DoubleVector.fromArray(DOUBLES, out, at);
            DoubleVector b = DoubleVector.fromArray(DOUBLES, out, at + width);
            DoubleVector c = DoubleVector.fromArray(DOUBLES, out, at + 2 * width);
            DoubleVector d = DoubleVector.fromArray(DOUBLES, out, at + 3 * width);
            for (int j = from; j < to; j++) {
                DoubleVector xs = DoubleVector.fromArray(DOUBLES, x, j * width + column);
                a = xs.fma(DoubleVector.broadcast(DOUBLES, m[row + j]), a);
                b = xs.fma(DoubleVector.broadcast(DOUBLES, m[row + n + j]), b);
                c = xs.fma(DoubleVector.broadcast(DOUBLES, m[row + 2 * n + j]), c);
                d = xs.fma(DoubleVector.broadcast(DOUBLES, m[row + 3 * n + j]), d);
            }
            a.intoArray(out, at);
            b.intoArray(out, at + width);
            c.intoArray(out, at + 2 * width);
            d.intoArray(out, at + 3 * width);
        }
    }
}
