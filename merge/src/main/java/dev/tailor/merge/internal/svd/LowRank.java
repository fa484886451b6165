package dev.tailor.merge.internal.svd;

import dev.tailor.core.Seed;
import dev.tailor.merge.RankRule;
import dev.tailor.merge.internal.kernel.Matrix;
import dev.tailor.merge.internal.kernel.MatrixKernels;

import org.ejml.data.DMatrixRMaj;

import java.util.Arrays;

/// A matrix as a product `left * right` of low rank, as near to it as a product of that rank can
/// be. Both factors carry the square root of the singular values.
///
/// @param left `[rows, rank]`
/// @param right `[rank, columns]`
/// @param keptEnergy the share of the matrix's squared Frobenius norm that the product holds; 1 for
///   a zero matrix
/// @param largestSingularValue of the matrix
/// @param exact whether it comes from an exact decomposition; otherwise randomised, with an error
///   that is the best one within 0.1 % or so
public record LowRank(
        Matrix left, Matrix right, double keptEnergy, double largestSingularValue, boolean exact) {
    /// The best product of the rank that `rule` asks for.
    public static LowRank of(Matrix matrix, RankRule rule, Seed seed, MatrixKernels kernels) {
        Matrix transposed = matrix.transposed();
        boolean wide = matrix.rows() <= matrix.columns();
        double total = energy(matrix);
        SingularVectors vectors =
                new Decomposition(
                                wide ? matrix : transposed,
                                wide ? transposed : matrix,
                                total,
                                kernels)
                        .leading(rule, seed);
        double[] energies = vectors.energies();
        Matrix shorter = factor(vectors.left(), energies, 0.25);
        Matrix longer = factor(vectors.scaledRight(), energies, -0.25);
        double kept = Arrays.stream(energies).sum();
        return new LowRank(
                wide ? shorter : longer,
                (wide ? longer : shorter).transposed(),
                total == 0 ? 1 : Math.min(1, kept / total),
                Math.sqrt(energies[0]),
                vectors.exact());
    }

    /// The inner dimension.
    public int rank() {
        return left.columns();
    }

    private static double energy(Matrix matrix) {
        double sum = 0;
        for (float value : matrix.values()) {
            sum += (double) value * value;
        }
        return sum;
    }

    /// Column k multiplied with `energies[k]` to a power; 0 where there is no energy.
    private static Matrix factor(DMatrixRMaj columns, double[] energies, double power) {
        int rank = energies.length;
        float[] values = new float[Math.multiplyExact(columns.numRows, rank)];
        for (int k = 0; k < rank; k++) {
            double scale = energies[k] == 0 ? 0 : Math.pow(energies[k], power);
            for (int i = 0; i < columns.numRows; i++) {
                values[i * rank + k] = (float) (columns.data[i * columns.numCols + k] * scale);
            }
        }
        return new Matrix(columns.numRows, rank, values);
    }
}
