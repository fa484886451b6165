package dev.tailor.merge.internal.kernel;

/// One number at a time: the definition that [VectorKernels] is tested against.
public final class ScalarKernels implements MergeKernels {
    static final int MAGNITUDE = 0x7FFF_FFFF;

    @Override
    public void linear(float[][] x, float[] w, float divisor, float[] out, int n) {
        linear(x, w, divisor, out, 0, n);
    }

    static void linear(float[][] x, float[] w, float divisor, float[] out, int from, int n) {
        for (int i = from; i < n; i++) {
            float sum = 0;
            for (int k = 0; k < x.length; k++) {
                sum += w[k] * x[k][i];
            }
            out[i] = sum / divisor;
        }
    }

    @Override
    public void taskArithmetic(
            float[] base, float[][] x, float[] w, float divisor, float lambda, float[] out, int n) {
        taskArithmetic(base, x, w, divisor, lambda, out, 0, n);
    }

    static void taskArithmetic(
            float[] base,
            float[][] x,
            float[] w,
            float divisor,
            float lambda,
            float[] out,
            int from,
            int n) {
        for (int i = from; i < n; i++) {
            float sum = 0;
            for (int k = 0; k < x.length; k++) {
                sum += w[k] * (x[k][i] - base[i]);
            }
            out[i] = base[i] + sum / divisor * lambda;
        }
    }

    @Override
    public void ties(float[] base, float[][] x, Ties ties, float[] out, int n) {
        ties(base, x, ties, out, 0, n);
    }

    static void ties(float[] base, float[][] x, Ties ties, float[] out, int from, int n) {
        float[] w = ties.weights();
        for (int i = from; i < n; i++) {
            float vote = 0;
            for (int k = 0; k < x.length; k++) {
                float d = x[k][i] - base[i];
                int magnitude = Float.floatToRawIntBits(d) & MAGNITUDE;
                x[k][i] = magnitude >= ties.thresholds()[k] ? w[k] * (d * ties.growth(k)) : 0;
                vote += x[k][i];
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
            float divisor = ties.normalize() && weight != 0 ? weight : 1;
            out[i] = base[i] + sum / divisor * ties.lambda();
        }
    }

    @Override
    public double dot(float[] x, float[] y, int n) {
        return dot(x, y, 0, n);
    }

    static double dot(float[] x, float[] y, int from, int n) {
        double sum = 0;
        for (int i = from; i < n; i++) {
            sum += (double) x[i] * y[i];
        }
        return sum;
    }

    @Override
    public int collect(float[] x, int low, int high, int[] into, int n) {
        return collect(x, low, high, into, 0, 0, n);
    }

    static int collect(float[] x, int low, int high, int[] into, int at, int from, int n) {
        int next = at;
        for (int i = from; i < n; i++) {
            int bits = Float.floatToRawIntBits(x[i]) & MAGNITUDE;
            if (bits >= low && bits <= high) {
                into[next++] = bits;
            }
        }
        return next;
    }

    @Override
    public int countAbove(float[] x, int bits, int n) {
        return countAbove(x, bits, 0, n);
    }

    static int countAbove(float[] x, int bits, int from, int n) {
        int count = 0;
        for (int i = from; i < n; i++) {
            count += (Float.floatToRawIntBits(x[i]) & MAGNITUDE) > bits ? 1 : 0;
        }
        return count;
    }
}
