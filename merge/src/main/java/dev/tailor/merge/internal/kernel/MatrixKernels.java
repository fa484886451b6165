package dev.tailor.merge.internal.kernel;

import dev.tailor.core.VectorApi;

/// Products with matrices that are thin on one side. Every element is summed in one fixed order
/// with fused multiply-adds, so results depend neither on the tiling nor on the vector length.
///
/// Two implementations give the same bits: [ScalarMatrixKernels], which is the definition, and,
/// where the module `jdk.incubator.vector` is there, [VectorMatrixKernels].
public interface MatrixKernels {
    /// Below this many elements plain code is done before code with the Vector API is compiled.
    long WORTH_COMPILING = 50_000_000;

    /// Adds a block of a product to `target`, where the block lies row by row from `at` on.
    void add(LowRankProduct product, LowRankProduct.Block block, float[] target, int at);

    /// `out = matrix * x` in double precision.
    ///
    /// @param x `[matrix.columns, width]`, row-major
    /// @param out `[matrix.rows, width]`, overwritten
    void multiply(Matrix matrix, double[] x, int width, double[] out);

    /// The implementation that suits that many elements in all.
    static MatrixKernels forElements(long elements) {
        return elements >= WORTH_COMPILING && VectorApi.isAvailable()
                ? new VectorMatrixKernels()
                : new ScalarMatrixKernels();
    }
}
