package dev.tailor.merge.internal.kernel;

/// The matrix `scale * left * right` of `[rows, columns]`, kept as its factors.
///
/// @param left `[rows, rank]`
/// @param right `[rank, columns]`
public record LowRankProduct(Matrix left, Matrix right, float scale) {
    public LowRankProduct {
        if (left.columns() != right.rows()) {
            throw new IllegalArgumentException(
                    left.columns() + " columns times " + right.rows() + " rows");
        }
    }

    /// Rows of the product.
    public int rows() {
        return left.rows();
    }

    /// Columns of the product.
    public int columns() {
        return right.columns();
    }

    /// The inner dimension.
    public int rank() {
        return left.columns();
    }

    /// A rectangle of the product: `rows` rows from `row` on, columns `from` to `to`, exclusive.
    public record Block(int row, int rows, int from, int to) {}
}
