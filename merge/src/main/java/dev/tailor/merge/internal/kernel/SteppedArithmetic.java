package dev.tailor.merge.internal.kernel;

import dev.tailor.merge.internal.kernel.MergeKernels.Ties;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.DType;

import java.lang.foreign.MemorySegment;

/// The same methods as [MergeKernels], but with every intermediate result rounded to the type that
/// is computed in, step by step as mergekit's tensor operations do. Sums over models are exact to
/// single precision and rounded once. Inputs are rounded already; `x` is overwritten.
public final class SteppedArithmetic {
    private final DType type;
    private final Converter converter;
    private final MemorySegment scratch;

    /// Rounds to `type`; `scratch` holds a tile in it.
    public SteppedArithmetic(DType type, Converter converter, MemorySegment scratch) {
        this.type = type;
        this.converter = converter;
        this.scratch = scratch;
    }

    /// Rounds a tile in place.
    public void round(float[] x, int n) {
        if (type != DType.F32 && type != DType.F64) {
            converter.fromFloat(type, x, 0, scratch, 0, n);
            converter.toFloat(type, scratch, 0, x, 0, n);
        }
    }

    /// One number, rounded.
    public float round(double value) {
        float[] single = {(float) value};
        round(single, 1);
        return single[0];
    }

    private float[] rounded(float[] values) {
        float[] copy = values.clone();
        for (int i = 0; i < copy.length; i++) {
            copy[i] = round(copy[i]);
        }
        return copy;
    }

    /// Weighted sum, divided by the sum of the weights if `normalize`.
    public void linear(float[][] x, float[] weights, boolean normalize, float[] out, int n) {
        float[] w = rounded(weights);
        scaleEach(x, w, n);
        sum(x, out, n);
        if (normalize) {
            divide(out, round(sum(w)), n);
        }
    }

    /// Base plus weighted sum of differences.
    public void taskArithmetic(
            float[] base,
            float[][] x,
            float[] weights,
            boolean normalize,
            float lambda,
            float[] out,
            int n) {
        float[] w = rounded(weights);
        subtractEach(x, base, n);
        scaleEach(x, w, n);
        sum(x, out, n);
        if (normalize) {
            float total = round(sum(w));
            divide(out, Math.abs(total) < 1e-8f ? 1 : total, n);
        }
        applyTo(base, out, lambda, n);
    }

    /// TIES; see [MergeKernels#ties].
    public void ties(float[] base, float[][] x, Ties ties, float[] out, int n) {
        float[] w = rounded(ties.weights());
        float[] divisor = new float[n];
        subtractEach(x, base, n);
        for (int k = 0; k < x.length; k++) {
            prune(x[k], ties.thresholds()[k], n);
            if (ties.growth(k) != 1) {
                scale(x[k], ties.growth(k), n);
            }
        }
        scaleEach(x, w, n);
        for (int i = 0; i < n; i++) {
            float vote = 0;
            for (float[] d : x) {
                vote += d[i];
            }
            float sum = 0;
            float weight = 0;
            for (int k = 0; k < x.length; k++) {
                float d = x[k][i];
                if (vote >= 0 ? d > 0 : d < 0) {
                    sum += d;
                    weight += w[k];
                }
            }
            out[i] = sum;
            divisor[i] = weight;
        }
        round(out, n);
        if (ties.normalize()) {
            round(divisor, n);
            for (int i = 0; i < n; i++) {
                out[i] /= divisor[i] == 0 ? 1 : divisor[i];
            }
            round(out, n);
        }
        applyTo(base, out, ties.lambda(), n);
    }

    /// `x = round(x * factor)`.
    public void scale(float[] x, float factor, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= factor;
        }
        round(x, n);
    }

    private static void prune(float[] d, int threshold, int n) {
        for (int i = 0; i < n; i++) {
            if ((Float.floatToRawIntBits(d[i]) & ScalarKernels.MAGNITUDE) < threshold) {
                d[i] = 0;
            }
        }
    }

    private void subtractEach(float[][] x, float[] base, int n) {
        for (float[] d : x) {
            for (int i = 0; i < n; i++) {
                d[i] -= base[i];
            }
            round(d, n);
        }
    }

    private void scaleEach(float[][] x, float[] w, int n) {
        for (int k = 0; k < x.length; k++) {
            scale(x[k], w[k], n);
        }
    }

    private void sum(float[][] x, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            float sum = 0;
            for (float[] each : x) {
                sum += each[i];
            }
            out[i] = sum;
        }
        round(out, n);
    }

    private static float sum(float[] values) {
        float sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    private void divide(float[] x, float divisor, int n) {
        for (int i = 0; i < n; i++) {
            x[i] /= divisor;
        }
        round(x, n);
    }

    private void applyTo(float[] base, float[] delta, float lambda, int n) {
        if (lambda != 1) {
            scale(delta, lambda, n);
        }
        for (int i = 0; i < n; i++) {
            delta[i] += base[i];
        }
        round(delta, n);
    }
}
