package dev.tailor.merge.internal.kernel;

import dev.tailor.core.VectorApi;

/// The fused arithmetic of the merge methods on a tile: single precision inside, nothing rounded in
/// between. Every operation is elementwise and takes the models in their order, so results depend
/// neither on the tiling nor on the vector length.
///
/// Two implementations give the same bits: [ScalarKernels], which is the definition, and, where the
/// module `jdk.incubator.vector` is there, [VectorKernels].
public interface MergeKernels {
    /// `out = (Σ w_k x_k) / divisor`.
    void linear(float[][] x, float[] w, float divisor, float[] out, int n);

    /// `out = base + lambda * (Σ w_k (x_k - base)) / divisor`.
    void taskArithmetic(
            float[] base, float[][] x, float[] w, float divisor, float lambda, float[] out, int n);

    /// TIES on a tile; `x` is overwritten.
    ///
    /// With `d_k = x_k - base` where its magnitude's bits reach `ties.thresholds[k]`, else 0: the
    /// elected sign is that of `Σ w_k d_k` (plus for 0), and the result is `base + lambda` times
    /// the sum of the `w_k d_k` of that sign, divided by the sum of their `w_k` if
    /// `ties.normalize`.
    void ties(float[] base, float[][] x, Ties ties, float[] out, int n);

    /// `Σ x_i y_i` in double precision.
    double dot(float[] x, float[] y, int n);

    /// Collects the bits of all magnitudes from `low` to `high` (bits of magnitudes, inclusive) in
    /// their order; returns how many there are.
    int collect(float[] x, int low, int high, int[] into, int n);

    /// Counts the magnitudes whose bits are above `bits`.
    int countAbove(float[] x, int bits, int n);

    /// The parameters of TIES for a tile.
    ///
    /// @param weights by model
    /// @param thresholds by model: the smallest bits of a magnitude that is kept
    /// @param rescale by model: what a pruned difference is multiplied with; empty: nothing
    record Ties(
            float[] weights, int[] thresholds, float[] rescale, boolean normalize, float lambda) {
        /// The factor of a model's difference before its weight.
        float growth(int model) {
            return rescale.length == 0 ? 1 : rescale[model];
        }
    }

    /// Vector code runs slowly until it is compiled, which takes a second of processor time: below
    /// this many elements plain code is done earlier.
    long WORTH_COMPILING = 50_000_000;

    /// The implementation that suits that many elements in all.
    static MergeKernels forElements(long elements) {
        return elements >= WORTH_COMPILING && VectorApi.isAvailable()
                ? new VectorKernels()
                : new ScalarKernels();
    }
}
