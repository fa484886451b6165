package dev.tailor.merge.internal.kernel;

/// One number at a time: the definition that [VectorKernels] is tested against.
public final class ScalarKernels implements MergeKernels {
    static final int MAGNITUDE = 0x7FFF_FFFF;

    @Override
    public void weightedSum(float[][] x, float[] w, float[] out, int n) {
        weightedSum(x, w, out, 0, n);
    }

    static void weightedSum(float[][] x, float[] w, float[] out, int from, int n) {
        for (int i = from; i < n; i++) {
            float sum = 0;
            for (int k = 0; k < x.length; k++) {
                sum += w[k] * x[k][i];
            }
            out[i] = sum;
        }
    }

    // Loops of one array compile to vector code by themselves; both implementations use them.

    @Override
    public void subtract(float[] x, float[] base, int n) {
        for (int i = 0; i < n; i++) {
            x[i] -= base[i];
        }
    }

    @Override
    public void scale(float[] x, float factor, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= factor;
        }
    }

    @Override
    public void divide(float[] x, float divisor, int n) {
        for (int i = 0; i < n; i++) {
            x[i] /= divisor;
        }
    }

    @Override
    public void add(float[] base, float[] x, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = base[i] + x[i];
        }
    }

    @Override
    public void divide(float[] x, float[] divisors, int n) {
        for (int i = 0; i < n; i++) {
            x[i] /= divisors[i] == 0 ? 1 : divisors[i];
        }
    }

    @Override
    public void taskArithmetic(
            float[] base, float[][] x, float[] w, float divisor, float factor, float[] out, int n) {
        taskArithmetic(base, x, w, divisor, factor, out, 0, n);
    }

    static void taskArithmetic(
            float[] base,
            float[][] x,
            float[] w,
            float divisor,
            float factor,
            float[] out,
            int from,
            int n) {
        for (int i = from; i < n; i++) {
            float sum = 0;
            for (int k = 0; k < x.length; k++) {
                sum += w[k] * (x[k][i] - base[i]);
            }
            out[i] = base[i] + sum / divisor * factor;
        }
    }

    @Override
    public void consensus(float[][] x, float[] w, float[] out, float[] weights, int n) {
        consensus(x, w, out, weights, 0, n);
    }

    static void consensus(float[][] x, float[] w, float[] out, float[] weights, int from, int n) {
        for (int i = from; i < n; i++) {
            float vote = 0;
            for (float[] each : x) {
                vote += each[i];
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
            weights[i] = weight;
        }
    }

    @Override
    public void eraseMinority(float[][] x, float[] w, float[] weights, int n) {
        eraseMinority(x, w, weights, 0, n);
    }

    static void eraseMinority(float[][] x, float[] w, float[] weights, int from, int n) {
        for (int i = from; i < n; i++) {
            float vote = 0;
            for (float[] each : x) {
                vote += each[i];
            }
            float weight = 0;
            for (int k = 0; k < x.length; k++) {
                if (vote >= 0 ? x[k][i] > 0 : x[k][i] < 0) {
                    weight += w[k];
                } else {
                    x[k][i] = 0;
                }
            }
            weights[i] = weight;
        }
    }

    @Override
    public void majorityMean(
            float[] base, float[][] x, float[] w, float leastWeight, float[] out, int n) {
        majorityMean(base, x, w, leastWeight, out, 0, n);
    }

    static void majorityMean(
            float[] base, float[][] x, float[] w, float leastWeight, float[] out, int from, int n) {
        for (int i = from; i < n; i++) {
            float vote = 0;
            for (float[] each : x) {
                vote += each[i] - base[i];
            }
            float sum = 0;
            float weight = 0;
            for (int k = 0; k < x.length; k++) {
                float d = x[k][i] - base[i];
                if (vote >= 0 ? d > 0 : d < 0) {
                    sum += w[k] * d;
                    weight += w[k];
                }
            }
            out[i] = base[i] + sum / Math.max(weight, leastWeight);
        }
    }

    @Override
    public void variance(float[][] x, float[] out, int n) {
        variance(x, out, 0, n);
    }

    /// Welford's way: equal numbers have a variance of exactly 0.
    static void variance(float[][] x, float[] out, int from, int n) {
        for (int i = from; i < n; i++) {
            double mean = x[0][i];
            double squares = 0;
            for (int k = 1; k < x.length; k++) {
                double change = x[k][i] - mean;
                mean += change * (1.0 / (k + 1));
                squares += change * (x[k][i] - mean);
            }
            out[i] = (float) (squares * (1.0 / x.length));
        }
    }

    @Override
    public void keepWhere(float[] x, float[] positive, int n) {
        keepWhere(x, positive, 0, n);
    }

    static void keepWhere(float[] x, float[] positive, int from, int n) {
        for (int i = from; i < n; i++) {
            x[i] = positive[i] > 0 ? x[i] : 0;
        }
    }

    @Override
    public void touched(float[][] x, float epsilon, float[] counts, int n) {
        touched(x, epsilon, counts, 0, n);
    }

    static void touched(float[][] x, float epsilon, float[] counts, int from, int n) {
        for (int i = from; i < n; i++) {
            int count = 0;
            for (float[] each : x) {
                if (Math.abs(each[i]) > epsilon) {
                    count++;
                } else {
                    each[i] = 0;
                }
            }
            counts[i] = count;
        }
    }

    @Override
    public void keepBetween(float[] x, int low, int high, int n) {
        keepBetween(x, low, high, 0, n);
    }

    static void keepBetween(float[] x, int low, int high, int from, int n) {
        for (int i = from; i < n; i++) {
            int bits = Float.floatToRawIntBits(x[i]) & MAGNITUDE;
            x[i] = bits >= low && bits <= high ? x[i] : 0;
        }
    }

    @Override
    public void keepRandomly(float[] x, RandomBits random, long first, long chance, int n) {
        keepRandomly(x, random, first, chance, 0, n);
    }

    static void keepRandomly(
            float[] x, RandomBits random, long first, long chance, int from, int n) {
        for (int i = from; i < n; i++) {
            x[i] = random.at(first + i) < chance ? x[i] : 0;
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
    public double squaredDistance(float[] x, float[] y, int n) {
        return squaredDistance(x, y, 0, n);
    }

    static double squaredDistance(float[] x, float[] y, int from, int n) {
        double sum = 0;
        for (int i = from; i < n; i++) {
            double d = x[i] - y[i];
            sum += d * d;
        }
        return sum;
    }

    @Override
    public double norm1(float[] x, int n) {
        return norm1(x, 0, n);
    }

    static double norm1(float[] x, int from, int n) {
        double sum = 0;
        for (int i = from; i < n; i++) {
            sum += Math.abs(x[i]);
        }
        return sum;
    }

    @Override
    public double divergence(float[] x, float[] y, int from, int n, double[] p, double[] q) {
        return ScalarDivergence.of(x, y, from, n, p, q);
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
