package dev.tailor.merge.internal.source;

import dev.tailor.merge.internal.kernel.LowRankProduct;
import dev.tailor.tensors.TensorInfo;

import java.util.Optional;

/// What an adapter does to one tensor, in this order.
///
/// @param replacement the tensor of the adapter's file that takes the place of the base model's
/// @param rows single rows that take the place of those before
/// @param product what is added to a matrix
/// @param addition what is added to a vector
/// @param magnitude the lengths that the rows or columns get (DoRA, Liu and others 2024, equation
///   5)
public record TensorChange(
        Optional<TensorInfo> replacement,
        Optional<Rows> rows,
        Optional<LowRankProduct> product,
        Optional<float[]> addition,
        Optional<Magnitude> magnitude) {
    static final TensorChange NONE =
            new TensorChange(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    /// @param indices which rows
    /// @param values `[indices, columns]`
    public record Rows(int[] indices, int columns, float[] values) {}

    /// @param ofColumns whether the lengths are those of the columns: where a tensor is kept `[in,
    ///   out]`
    public record Magnitude(float[] lengths, boolean ofColumns) {}

    TensorChange replacedBy(TensorInfo info) {
        return new TensorChange(Optional.of(info), rows, product, addition, magnitude);
    }

    TensorChange with(Rows other) {
        return new TensorChange(replacement, Optional.of(other), product, addition, magnitude);
    }

    TensorChange with(LowRankProduct other, Optional<Magnitude> lengths) {
        return new TensorChange(replacement, rows, Optional.of(other), addition, lengths);
    }

    TensorChange plus(float[] vector) {
        return new TensorChange(replacement, rows, product, Optional.of(vector), magnitude);
    }
}
