package dev.tailor.merge.internal.svd;

import dev.tailor.core.Seed;
import dev.tailor.core.SplitMix;

/// A matrix as a product `left * right` of low rank, as near to it as a product of that rank can
/// be: randomised subspace iteration (Halko, Martinsson, Tropp 2011, algorithm 4.4), then an exact
/// decomposition within the subspace. Both factors carry the square root of the singular values.
///
/// @param left `[rows, rank]`, row-major
/// @param right `[rank, columns]`, row-major
/// @param error the Frobenius norm of what is left out, as a share of the matrix's; 0 for a zero
///   matrix
public record LowRank(int rank, float[] left, float[] right, double error) {
    /// Directions more than asked for, so that the last ones wanted are found well.
    private static final int OVERSAMPLING = 10;

    /// Differences of fine-tuned models have flat spectra, which take more iterations than usual.
    private static final int ITERATIONS = 6;

    /// The best product of at most `rank`.
    public static LowRank of(Matrix matrix, int rank, Seed seed) {
        int smallest = Math.min(matrix.rows(), matrix.columns());
        int kept = Math.min(rank, smallest);
        int width = Math.min(kept + Math.max(OVERSAMPLING, kept / 2), smallest);
        Columns range = random(matrix.columns(), width, seed).product(matrix);
        range.orthonormalize();
        for (int i = 0; i < ITERATIONS && width < smallest; i++) {
            Columns other = range.transposedProduct(matrix);
            other.orthonormalize();
            range = other.product(matrix);
            range.orthonormalize();
        }
        // With Q the range, transpose(Q) * M = transpose(Z * R), and R is small.
        Columns z = range.transposedProduct(matrix);
        double[] r = z.orthonormalize();
        SmallSvd svd = SmallSvd.of(width, r);
        return factors(matrix, kept, range.times(svd.v()), svd.singular(), z.times(svd.u()));
    }

    private static LowRank factors(
            Matrix matrix, int rank, Columns u, double[] singular, Columns v) {
        float[] left = new float[matrix.rows() * rank];
        float[] right = new float[rank * matrix.columns()];
        double explained = 0;
        for (int k = 0; k < rank; k++) {
            double root = Math.sqrt(singular[k]);
            explained += singular[k] * singular[k];
            for (int i = 0; i < matrix.rows(); i++) {
                left[i * rank + k] = (float) (u.values()[i * u.columns() + k] * root);
            }
            for (int j = 0; j < matrix.columns(); j++) {
                right[k * matrix.columns() + j] = (float) (v.values()[j * v.columns() + k] * root);
            }
        }
        double total = 0;
        for (float value : matrix.values()) {
            total += (double) value * value;
        }
        double error = total == 0 ? 0 : Math.sqrt(Math.max(0, 1 - explained / total));
        return new LowRank(rank, left, right, error);
    }

    private static Columns random(int rows, int columns, Seed seed) {
        SplitMix random = seed.generator();
        Columns result = new Columns(rows, columns);
        for (int i = 0; i < result.values().length; i++) {
            result.values()[i] = random.nextGaussian();
        }
        return result;
    }
}
