package dev.tailor.merge.internal.svd;

/// A tall matrix `[rows, columns]` with few columns, row-major, in double precision.
record Columns(int rows, int columns, double[] values) {
    Columns(int rows, int columns) {
        this(rows, columns, new double[Math.multiplyExact(rows, columns)]);
    }

    /// `matrix * this`.
    Columns product(Matrix matrix) {
        Columns result = new Columns(matrix.rows(), columns);
        for (int i = 0; i < matrix.rows(); i++) {
            int to = i * columns;
            for (int j = 0; j < matrix.columns(); j++) {
                double factor = matrix.values()[i * matrix.columns() + j];
                int from = j * columns;
                for (int c = 0; c < columns; c++) {
                    result.values[to + c] += factor * values[from + c];
                }
            }
        }
        return result;
    }

    /// `transpose(matrix) * this`.
    Columns transposedProduct(Matrix matrix) {
        Columns result = new Columns(matrix.columns(), columns);
        for (int i = 0; i < matrix.rows(); i++) {
            int from = i * columns;
            for (int j = 0; j < matrix.columns(); j++) {
                double factor = matrix.values()[i * matrix.columns() + j];
                int to = j * columns;
                for (int c = 0; c < columns; c++) {
                    result.values[to + c] += factor * values[from + c];
                }
            }
        }
        return result;
    }

    /// `this * small`, where `small` is `[columns, columns]`.
    Columns times(double[] small) {
        Columns result = new Columns(rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int k = 0; k < columns; k++) {
                double factor = values[i * columns + k];
                for (int c = 0; c < columns; c++) {
                    result.values[i * columns + c] += factor * small[k * columns + c];
                }
            }
        }
        return result;
    }

    /// Makes the columns orthonormal in place (Gram-Schmidt, twice for full accuracy) and returns
    /// the triangular factor `[columns, columns]`. A column that depends on those before becomes
    /// zero.
    double[] orthonormalize() {
        double[] factor = new double[columns * columns];
        for (int c = 0; c < columns; c++) {
            double before = norm(c);
            for (int pass = 0; pass < 2; pass++) {
                for (int k = 0; k < c; k++) {
                    double dot = dot(k, c);
                    factor[k * columns + c] += dot;
                    addMultiple(c, k, -dot);
                }
            }
            double after = norm(c);
            boolean independent = after > 1e-12 * before && after > 0;
            factor[c * columns + c] = independent ? after : 0;
            scale(c, independent ? 1 / after : 0);
        }
        return factor;
    }

    private double norm(int column) {
        return Math.sqrt(dot(column, column));
    }

    private double dot(int a, int b) {
        double sum = 0;
        for (int i = 0; i < values.length; i += columns) {
            sum += values[i + a] * values[i + b];
        }
        return sum;
    }

    private void addMultiple(int target, int source, double factor) {
        for (int i = 0; i < values.length; i += columns) {
            values[i + target] += factor * values[i + source];
        }
    }

    private void scale(int column, double factor) {
        for (int i = 0; i < values.length; i += columns) {
            values[i + column] *= factor;
        }
    }
}
