package dev.tailor.merge.internal.svd;

import dev.tailor.core.Seed;
import dev.tailor.core.SplitMix;
import dev.tailor.merge.RankRule;
import dev.tailor.merge.internal.kernel.Matrix;
import dev.tailor.merge.internal.kernel.MatrixKernels;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.decomposition.qr.QRDecompositionHouseholderColumn_DDRM;

import java.util.Arrays;

/// The leading singular vectors of a matrix: by randomised subspace iteration (Halko, Martinsson,
/// Tropp 2011, algorithms 4.4 and 5.1), or exactly where the matrix is small or the iteration does
/// not settle. The decompositions of what is small are EJML's single-threaded ones, so that results
/// do not depend on the machine.
///
/// @param wide the matrix `[p, q]`, p at most q
/// @param tall its transpose
/// @param total its energy
record Decomposition(Matrix wide, Matrix tall, double total, MatrixKernels kernels) {
    /// Directions more than asked for, so that the last ones wanted are found well.
    private static final int OVERSAMPLING = 8;

    private static final int LEAST_ITERATIONS = 2;

    /// Beyond, the exact decomposition is not much dearer.
    private static final int MOST_ITERATIONS = 12;

    /// The iteration has settled when what is left out shrinks by no more than this share. Then the
    /// error is the best possible one to within about as much.
    private static final double SETTLED = 1e-3;

    /// Below this share of the energy there is nothing but rounding.
    private static final double ROUNDING = 1e-13;

    /// As many as `rule` asks for.
    SingularVectors leading(RankRule rule, Seed seed) {
        int p = wide.rows();
        // Whole vectors: the kernels take eight columns as fast as one.
        int width = (Math.min(rule.most(), p) + OVERSAMPLING + 7) / 8 * 8;
        return 2 * width >= p ? exact(rule) : randomised(rule, width, seed);
    }

    private SingularVectors randomised(RankRule rule, int width, Seed seed) {
        DMatrixRMaj basis = orthonormal(product(wide, random(tall.rows(), width, seed)));
        double[] before = new double[width];
        for (int iteration = 0; iteration <= MOST_ITERATIONS; iteration++) {
            DMatrixRMaj projected = product(tall, basis);
            SymmetricEigen eigen = SymmetricEigen.of(inner(projected));
            double[] energies = eigen.values();
            int rank = rule.rank(energies, total);
            double kept = sum(energies, rank);
            double growth = kept - sum(before, rank);
            if (iteration >= LEAST_ITERATIONS
                    && growth <= SETTLED * Math.max(0, total - kept) + ROUNDING * total) {
                DMatrixRMaj rotation = eigen.leading(rank);
                return new SingularVectors(
                        CommonOps_DDRM.mult(basis, rotation, null),
                        CommonOps_DDRM.mult(projected, rotation, null),
                        Arrays.copyOf(energies, rank),
                        false);
            }
            before = energies;
            basis = orthonormal(product(wide, orthonormal(projected)));
        }
        return exact(rule);
    }

    private static double sum(double[] energies, int count) {
        return Arrays.stream(energies, 0, count).sum();
    }

    /// From the eigenvectors of `matrix * transpose(matrix)`. Squaring costs half the digits of
    /// small singular values, which still leaves them finer than the single precision of the
    /// matrix.
    private SingularVectors exact(RankRule rule) {
        DMatrixRMaj numbers = new DMatrixRMaj(tall.rows(), tall.columns());
        for (int i = 0; i < tall.values().length; i++) {
            numbers.data[i] = tall.values()[i];
        }
        SymmetricEigen eigen = SymmetricEigen.of(product(wide, numbers));
        double[] energies = eigen.values();
        int rank = rule.rank(energies, total);
        DMatrixRMaj left = eigen.leading(rank);
        return new SingularVectors(left, product(tall, left), Arrays.copyOf(energies, rank), true);
    }

    private DMatrixRMaj product(Matrix matrix, DMatrixRMaj thin) {
        DMatrixRMaj result = new DMatrixRMaj(matrix.rows(), thin.numCols);
        kernels.multiply(matrix, thin.data, thin.numCols, result.data);
        return result;
    }

    /// `transpose(thin) * thin`.
    private static DMatrixRMaj inner(DMatrixRMaj thin) {
        DMatrixRMaj result = new DMatrixRMaj(thin.numCols, thin.numCols);
        CommonOps_DDRM.multInner(thin, result);
        return result;
    }

    /// An orthonormal basis of the columns' span.
    private static DMatrixRMaj orthonormal(DMatrixRMaj columns) {
        QRDecompositionHouseholderColumn_DDRM qr = new QRDecompositionHouseholderColumn_DDRM();
        qr.decompose(columns);
        return qr.getQ(null, true);
    }

    private static DMatrixRMaj random(int rows, int columns, Seed seed) {
        SplitMix random = seed.generator();
        DMatrixRMaj result = new DMatrixRMaj(rows, columns);
        for (int i = 0; i < result.data.length; i++) {
            result.data[i] = random.nextGaussian();
        }
        return result;
    }
}
