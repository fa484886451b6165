package dev.tailor.torch.internal;

import org.bytedeco.pytorch.Tensor;

/// A float32 matrix in native memory that somebody else owns: `rows` × `columns` as seen by
/// arithmetic. In memory, one row (or, of a transposed matrix, one column) begins `stride` elements
/// after the other.
public record Matrix(long address, int rows, int columns, int stride, boolean transposed) {
    /// A two-dimensional tensor. The view ends with the tensor.
    public static Matrix of(Tensor tensor) {
        if (!Tensors.isFloat(tensor) || !tensor.is_contiguous()) {
            throw new IllegalArgumentException("a matrix of a tensor that is not plain float32");
        }
        int columns = Math.toIntExact(tensor.size(1));
        return new Matrix(
                tensor.data_ptr().address(),
                Math.toIntExact(tensor.size(0)),
                columns,
                columns,
                false);
    }

    /// The transposed view.
    public Matrix t() {
        return new Matrix(address, columns, rows, stride, !transposed);
    }

    /// The rows `from` to `to`.
    public Matrix rows(int from, int to) {
        long start = (long) from * (transposed ? 1 : stride);
        return new Matrix(address + start * Float.BYTES, to - from, columns, stride, transposed);
    }

    /// The columns `from` to `to`.
    public Matrix columns(int from, int to) {
        return t().rows(from, to).t();
    }
}
