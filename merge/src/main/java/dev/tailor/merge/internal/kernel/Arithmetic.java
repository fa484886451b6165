package dev.tailor.merge.internal.kernel;

import java.lang.foreign.MemorySegment;

/// The steps that merge methods are made of, on a tile, by one thread: single precision throughout,
/// or with the result of every step rounded to the type that is computed in, as mergekit's tensor
/// operations do. In float32 both are the same. Sums over models are taken in single precision and
/// rounded once.
public final class Arithmetic {
    private final MergeKernels kernels;
    private final Rounding rounding;
    private final MemorySegment scratch;

    /// Steps of `kernels`, rounded by `rounding`; `scratch` has room for a tile.
    public Arithmetic(MergeKernels kernels, Rounding rounding, MemorySegment scratch) {
        this.kernels = kernels;
        this.rounding = rounding;
        this.scratch = scratch;
    }

    /// The kernels underneath, for what needs no rounding.
    public MergeKernels kernels() {
        return kernels;
    }

    /// Whether steps are rounded.
    public boolean isStepped() {
        return rounding.isNeeded();
    }

    /// Rounds a tile in place.
    public void round(float[] x, int n) {
        rounding.round(x, n, scratch);
    }

    /// One number, rounded.
    public float round(double value) {
        float[] single = {(float) value};
        round(single, 1);
        return single[0];
    }

    /// Numbers, each rounded.
    public float[] rounded(float[] values) {
        float[] copy = values.clone();
        for (int i = 0; i < copy.length; i++) {
            copy[i] = round(copy[i]);
        }
        return copy;
    }

    /// `x -= base`.
    public void subtract(float[] x, float[] base, int n) {
        kernels.subtract(x, base, n);
        round(x, n);
    }

    /// `x *= factor`.
    public void scale(float[] x, float factor, int n) {
        if (factor != 1) {
            kernels.scale(x, factor, n);
            round(x, n);
        }
    }

    /// `x /= divisor`.
    public void divide(float[] x, float divisor, int n) {
        if (divisor != 1) {
            kernels.divide(x, divisor, n);
            round(x, n);
        }
    }

    /// `x *= factors`, element by element.
    public void multiply(float[] x, float[] factors, int n) {
        kernels.multiply(x, factors, n);
        round(x, n);
    }

    /// `x /= divisors`, element by element, where a divisor is not 0.
    public void divide(float[] x, float[] divisors, int n) {
        kernels.divide(x, divisors, n);
        round(x, n);
    }

    /// `x = base + x`.
    public void add(float[] base, float[] x, int n) {
        kernels.add(base, x, n);
        round(x, n);
    }

    /// `out = Σ w_k x_k`; where steps are rounded, `x` is overwritten with the products.
    public void weightedSum(float[][] x, float[] w, float[] out, int n) {
        if (!isStepped()) {
            kernels.weightedSum(x, w, out, n);
            return;
        }
        float[] ones = new float[x.length];
        for (int k = 0; k < x.length; k++) {
            scale(x[k], w[k], n);
            ones[k] = 1;
        }
        kernels.weightedSum(x, ones, out, n);
        round(out, n);
    }

    /// `out` is the sum of those weighted differences `x` whose sign the majority has, divided by
    /// the sum of their weights if `normalize`; `divisors` is a buffer.
    public void consensus(
            float[][] x, float[] w, boolean normalize, float[] out, float[] divisors, int n) {
        kernels.consensus(x, w, out, divisors, n);
        round(out, n);
        if (normalize) {
            round(divisors, n);
            divide(out, divisors, n);
        }
    }

    /// Sets those differences `x` to 0 that have not the sign the majority has; `weights` is the
    /// sum of the `w` of those that have it, at least `leastWeight`.
    public void eraseMinority(float[][] x, float[] w, float leastWeight, float[] weights, int n) {
        kernels.eraseMinority(x, w, weights, n);
        kernels.raise(weights, leastWeight, n);
        round(weights, n);
    }
}
