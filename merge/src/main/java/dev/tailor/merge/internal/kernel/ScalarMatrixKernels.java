package dev.tailor.merge.internal.kernel;

import java.util.Arrays;

/// One element after the other.
public final class ScalarMatrixKernels implements MatrixKernels {
    @Override
    public void add(LowRankProduct product, LowRankProduct.Block block, float[] target, int at) {
        int width = block.to() - block.from();
        float[] sums = new float[width];
        for (int i = 0; i < block.rows(); i++) {
            Arrays.fill(sums, 0);
            for (int k = 0; k < product.rank(); k++) {
                float left = product.left().values()[(block.row() + i) * product.rank() + k];
                int right = k * product.columns() + block.from();
                for (int j = 0; j < width; j++) {
                    sums[j] = Math.fma(left, product.right().values()[right + j], sums[j]);
                }
            }
            for (int j = 0; j < width; j++) {
                target[at + i * width + j] += product.scale() * sums[j];
            }
        }
    }

    /// The columns `from` to `to` of a block; for the rest that fills no vector.
    static void add(
            LowRankProduct product, LowRankProduct.Block block, int from, float[] target, int at) {
        int width = block.to() - block.from();
        for (int i = 0; i < block.rows(); i++) {
            for (int j = from; j < block.to(); j++) {
                float sum = 0;
                for (int k = 0; k < product.rank(); k++) {
                    sum =
                            Math.fma(
                                    product.left().values()[(block.row() + i) * product.rank() + k],
                                    product.right().values()[k * product.columns() + j],
                                    sum);
                }
                target[at + i * width + j - block.from()] += product.scale() * sum;
            }
        }
    }

    @Override
    public void multiply(Matrix matrix, double[] x, int width, double[] out) {
        multiply(matrix, 0, x, width, 0, out);
    }

    /// The rows from `row` on and the columns from `column` on.
    static void multiply(Matrix matrix, int row, double[] x, int width, int column, double[] out) {
        for (int i = row; i < matrix.rows(); i++) {
            Arrays.fill(out, i * width + column, (i + 1) * width, 0);
            for (int j = 0; j < matrix.columns(); j++) {
                double factor = matrix.values()[i * matrix.columns() + j];
                for (int c = column; c < width; c++) {
                    out[i * width + c] = Math.fma(factor, x[j * width + c], out[i * width + c]);
                }
            }
        }
    }
}
