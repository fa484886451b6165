package dev.tailor.merge.internal.svd;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.eig.SymmetricQRAlgorithmDecomposition_DDRM;
import org.ejml.dense.row.decomposition.hessenberg.TridiagonalDecompositionHouseholder_DDRM;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// The eigenvalues of a symmetric matrix without negative ones, descending, with their vectors.
record SymmetricEigen(SymmetricQRAlgorithmDecomposition_DDRM decomposition, List<Integer> order) {
    /// Overwrites `matrix`.
    static SymmetricEigen of(DMatrixRMaj matrix) {
        SymmetricQRAlgorithmDecomposition_DDRM decomposition =
                new SymmetricQRAlgorithmDecomposition_DDRM(
                        new TridiagonalDecompositionHouseholder_DDRM(), true);
        if (!decomposition.decompose(matrix)) {
            throw new IllegalStateException("the eigenvalues of a finite matrix were not found");
        }
        List<Integer> order =
                IntStream.range(0, matrix.numCols)
                        .boxed()
                        .sorted(Comparator.comparingDouble(k -> -value(decomposition, k)))
                        .toList();
        return new SymmetricEigen(decomposition, order);
    }

    private static double value(SymmetricQRAlgorithmDecomposition_DDRM decomposition, int k) {
        // Rounding can make a 0 negative.
        return Math.max(0, decomposition.getEigenvalue(k).real);
    }

    double[] values() {
        return order.stream().mapToDouble(k -> value(decomposition, k)).toArray();
    }

    /// The vectors of the `count` largest, as columns.
    DMatrixRMaj leading(int count) {
        int n = order.size();
        DMatrixRMaj columns = new DMatrixRMaj(n, count);
        for (int c = 0; c < count; c++) {
            DMatrixRMaj vector = decomposition.getEigenVector(order.get(c));
            for (int i = 0; i < n; i++) {
                columns.data[i * count + c] = vector.data[i];
            }
        }
        return columns;
    }
}
