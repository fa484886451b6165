package dev.tailor.merge.internal.kernel;

import dev.tailor.core.VectorApi;

/// The arithmetic of the merge methods on a tile, in single precision. Every operation is
/// elementwise and takes the models in their order, so results depend neither on the tiling nor on
/// the vector length; sums over a tile are in double precision.
///
/// Two implementations give the same bits (sums: the same but for their last bits):
/// [ScalarKernels], which is the definition and serves most merges, and, for very large ones where
/// the module `jdk.incubator.vector` is there, [VectorKernels].
public interface MergeKernels {
    /// `out = Σ w_k x_k`.
    void weightedSum(float[][] x, float[] w, float[] out, int n);

    /// `x -= base`.
    void subtract(float[] x, float[] base, int n);

    /// `x *= factor`.
    void scale(float[] x, float factor, int n);

    /// `x /= divisor`.
    void divide(float[] x, float divisor, int n);

    /// `x = base + x`.
    void add(float[] base, float[] x, int n);

    /// `out = base + factor * Σ w_k (x_k - base) / divisor`, which is [#subtract], [#weightedSum],
    /// [#divide], [#scale] and [#add] in one pass.
    void taskArithmetic(
            float[] base, float[][] x, float[] w, float divisor, float factor, float[] out, int n);

    /// With the sign elected by the sum of the `x_k` (plus for 0): `out` is the sum of the `x_k` of
    /// that sign, `weights` the sum of their `w_k`. What `x` holds then is left open.
    void consensus(float[][] x, float[] w, float[] out, float[] weights, int n);

    /// `x *= factors`, element by element.
    void multiply(float[] x, float[] factors, int n);

    /// Sets those elements of the `x_k` to 0 that have not the sign of their sum (plus for 0);
    /// `weights` is the sum of the `w_k` of those that have it.
    void eraseMinority(float[][] x, float[] w, float[] weights, int n);

    /// `x = max(x, least)`.
    void raise(float[] x, float least, int n);

    /// The variance over the `x_k` of each element (of the whole, not estimated from a sample), in
    /// double precision.
    void variance(float[][] x, float[] out, int n);

    /// Sets to 0 what has no positive number in its place.
    void keepWhere(float[] x, float[] positive, int n);

    /// Sets magnitudes that do not exceed `epsilon` to 0 and counts, by element, the others.
    void touched(float[][] x, float epsilon, float[] counts, int n);

    /// `x = x / divisors` where a divisor is not 0.
    void divide(float[] x, float[] divisors, int n);

    /// Sets to 0 what has bits of its magnitude below `low` or above `high`.
    void keepBetween(float[] x, int low, int high, int n);

    /// Sets to 0 each element `first + i` whose [RandomBits#at] is not below `chance` of 2^32.
    void keepRandomly(float[] x, RandomBits random, long first, long chance, int n);

    /// `Σ x_i y_i`.
    double dot(float[] x, float[] y, int n);

    /// The inner products of elements `from` to `to - 1` of `x_0` and of the differences `x_k -
    /// x_0`: of each with itself and with those after it.
    double[] gram(float[][] x, int from, int to);

    /// `out = c_0 x_0 + Σ c_k (x_k - x_0)`, elements `from` to `to - 1`.
    void combination(float[][] x, float[] c, float[] out, int from, int to);

    /// `Σ x_i²`.
    double squares(float[] x, int n);

    /// `Σ |x_i|`.
    double norm1(float[] x, int n);

    /// Whether all elements are numbers and not infinite.
    boolean isFinite(float[] x, int n);

    /// The divergence of a row of `n` elements from `from` on (Kullback and Leibler): `Σ p log(p /
    /// q)` with `p` the softmax of `x` plus [#LEAST_PROBABILITY] and `q` that of `y`; `p` and `q`
    /// are buffers.
    double divergence(float[] x, float[] y, int from, int n, double[] p, double[] q);

    /// Collects the bits of all magnitudes from `low` to `high` (bits of magnitudes, inclusive) in
    /// their order; returns how many there are.
    int collect(float[] x, int low, int high, int[] into, int n);

    /// Counts the magnitudes whose bits are above `bits`.
    int countAbove(float[] x, int bits, int n);

    /// Counts the positions where two or more of the `x_k` are above or below 0.
    int countShared(float[][] x, int n);

    /// Counts the positions where one of the `x_k` is above 0 and another below.
    int countConflicts(float[][] x, int n);

    /// What is added to probabilities, so that their ratios stay finite.
    double LEAST_PROBABILITY = 1e-8;

    /// Code with the Vector API runs slowly until it is compiled, which takes seconds of processor
    /// time: below this many elements plain code is done earlier.
    long WORTH_COMPILING = 5_000_000_000L;

    /// The implementation that suits that many elements in all.
    static MergeKernels forElements(long elements) {
        return elements >= WORTH_COMPILING && VectorApi.isAvailable()
                ? new VectorKernels()
                : new ScalarKernels();
    }
}
