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
    public void multiply(float[] x, float[] factors, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= factors[i];
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
    public double[] gram(float[][] x, int from, int to) {
        double[] products = new double[x.length * (x.length + 1) / 2];
        addProducts(x, products, from, to);
        return products;
    }

    static void addProducts(float[][] x, double[] products, int from, int to) {
        int next = 0;
        for (int i = 0; i < x.length; i++) {
            for (int j = i; j < x.length; j++) {
                products[next++] += product(x, i, j, from, to);
            }
        }
    }

    private static double product(float[][] x, int i, int j, int from, int to) {
        double sum = 0;
        for (int at = from; at < to; at++) {
            float x0 = x[0][at];
            float a = i == 0 ? x0 : x[i][at] - x0;
            float b = j == 0 ? x0 : x[j][at] - x0;
            sum += (double) a * b;
        }
        return sum;
    }

    @Override
    public void combination(float[][] x, float[] c, float[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            float sum = c[0] * x[0][i];
            for (int k = 1; k < x.length; k++) {
                sum += c[k] * (x[k][i] - x[0][i]);
            }
            out[i] = sum;
        }
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
