package dev.tailor.merge.internal.kernel;

/// A matrix `[rows, columns]`, row-major, in single precision.
public record Matrix(int rows, int columns, float[] values) {
    public Matrix {
        if (values.length != Math.multiplyExact(rows, columns)) {
            throw new IllegalArgumentException(
                    "%d numbers for [%d, %d]".formatted(values.length, rows, columns));
        }
    }

    /// `[columns, rows]`, moved in tiles so that neither side strides through memory.
    public Matrix transposed() {
        int tile = 32;
        float[] transposed = new float[values.length];
        for (int i0 = 0; i0 < rows; i0 += tile) {
            for (int j0 = 0; j0 < columns; j0 += tile) {
                for (int i = i0; i < Math.min(rows, i0 + tile); i++) {
                    for (int j = j0; j < Math.min(columns, j0 + tile); j++) {
                        transposed[j * rows + i] = values[i * columns + j];
                    }
                }
            }
        }
        return new Matrix(columns, rows, transposed);
    }
}
