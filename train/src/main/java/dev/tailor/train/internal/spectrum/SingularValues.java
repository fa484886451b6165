package dev.tailor.train.internal.spectrum;

/// Singular values of a matrix, as square roots of the eigenvalues of its smaller Gram matrix in
/// double precision.
///
/// Squaring costs half the digits: a singular value `s` has a relative error of about `1e-16 (sMax
/// / s)^2`, below 1e-6 down to `sMax / 1e5`, which is finer than the single precision of the
/// weights themselves.
final class SingularValues {
    private SingularValues() {}

    /// The `min(rows, columns)` singular values, descending, of `matrix` `[rows, columns]`
    /// row-major.
    static double[] of(float[] matrix, int rows, int columns) {
        boolean wide = rows <= columns;
        int n = wide ? rows : columns;
        float[] a = wide ? matrix : transpose(matrix, rows, columns);
        double[] eigenvalues =
                SymmetricEigenvalues.of(GramMatrix.of(a, n, wide ? columns : rows), n);
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = Math.sqrt(Math.max(0, eigenvalues[n - 1 - i]));
        }
        return values;
    }

    /// In tiles, so that neither side strides through memory.
    private static float[] transpose(float[] matrix, int rows, int columns) {
        int tile = 32;
        float[] transposed = new float[matrix.length];
        for (int i0 = 0; i0 < rows; i0 += tile) {
            for (int j0 = 0; j0 < columns; j0 += tile) {
                for (int i = i0; i < Math.min(rows, i0 + tile); i++) {
                    for (int j = j0; j < Math.min(columns, j0 + tile); j++) {
                        transposed[j * rows + i] = matrix[i * columns + j];
                    }
                }
            }
        }
        return transposed;
    }
}
