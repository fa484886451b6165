package dev.tailor.merge.internal.kernel;

import java.util.Arrays;

/// Plain loops over one or two arrays at a time, without branches, which the compiler turns into
/// vector code by itself: the definition that [VectorKernels] is tested against, and the faster one
/// until its code is compiled.
///
/// Choices are written as arithmetic: `signum(max(x, 0))` is 1 where x is positive and else 0.
public final class ScalarKernels implements MergeKernels {
    /// Elements worked on at once where several loops follow each other, so that they stay in the
    /// nearest cache.
    private static final int BLOCK = 1024;

    static final int MAGNITUDE = 0x7FFF_FFFF;
    static final int INFINITY = 0x7F80_0000;

    @Override
    public void weightedSum(float[][] x, float[] w, float[] out, int n) {
        weightedSum(x, w, out, 0, n);
    }

    static void weightedSum(float[][] x, float[] w, float[] out, int from, int n) {
        for (int start = from; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            Arrays.fill(out, start, end, 0);
            for (int k = 0; k < x.length; k++) {
                addProduct(x[k], w[k], out, start, end);
            }
        }
    }

    private static void addProduct(float[] x, float w, float[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            out[i] += w * x[i];
        }
    }

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
        divide(x, divisors, 0, n);
    }

    static void divide(float[] x, float[] divisors, int from, int n) {
        for (int i = from; i < n; i++) {
            // 1 where the divisor is 0.
            x[i] /= divisors[i] + (1 - Math.abs(Math.signum(divisors[i])));
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
        for (int start = from; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            Arrays.fill(out, start, end, 0);
            for (int k = 0; k < x.length; k++) {
                addDifference(x[k], base, w[k], out, start, end);
            }
            for (int i = start; i < end; i++) {
                out[i] = base[i] + out[i] / divisor * factor;
            }
        }
    }

    private static void addDifference(
            float[] x, float[] base, float w, float[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            out[i] += w * (x[i] - base[i]);
        }
    }

    @Override
    public void consensus(float[][] x, float[] w, float[] out, float[] weights, int n) {
        consensus(x, w, out, weights, 0, n);
    }

    static void consensus(float[][] x, float[] w, float[] out, float[] weights, int from, int n) {
        Arrays.fill(out, from, n, 0);
        for (float[] each : x) {
            addProduct(each, 1, out, from, n);
        }
        elect(out, weights, from, n);
        Arrays.fill(out, from, n, 0);
        for (int k = 0; k < x.length; k++) {
            addAgreeing(x[k], weights, out, from, n);
            toWeight(x[k], weights, w[k], from, n);
        }
        Arrays.fill(weights, from, n, 0);
        for (float[] each : x) {
            addProduct(each, 1, weights, from, n);
        }
    }

    /// 1 where the vote is not negative, else -1.
    private static void elect(float[] vote, float[] sign, int from, int n) {
        for (int i = from; i < n; i++) {
            float direction = Math.signum(vote[i]);
            sign[i] = direction + (1 - Math.abs(direction));
        }
    }

    private static void addAgreeing(float[] x, float[] sign, float[] out, int from, int n) {
        for (int i = from; i < n; i++) {
            out[i] += sign[i] * Math.max(sign[i] * x[i], 0f);
        }
    }

    /// `w` where x has the sign, else 0.
    private static void toWeight(float[] x, float[] sign, float w, int from, int n) {
        for (int i = from; i < n; i++) {
            x[i] = w * Math.signum(Math.max(sign[i] * x[i], 0f));
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
        // Below the lowest and above the highest magnitude that is kept.
        float under = low <= 0 ? -1 : Float.intBitsToFloat(Math.min(low - 1, INFINITY));
        float over = high < 0 ? 0 : Float.intBitsToFloat(Math.min(high, INFINITY - 1) + 1);
        for (int i = from; i < n; i++) {
            float magnitude = Math.abs(x[i]);
            float kept =
                    Math.signum(Math.max(magnitude - under, 0f))
                            * Math.signum(Math.max(over - magnitude, 0f));
            // Adding 0 makes no negative zero of what is dropped.
            x[i] = x[i] * kept + 0f;
        }
    }

    @Override
    public void keepRandomly(float[] x, RandomBits random, long first, long chance, int n) {
        keepRandomly(x, random, first, chance, 0, n);
    }

    static void keepRandomly(
            float[] x, RandomBits random, long first, long chance, int from, int n) {
        int i = from;
        if ((first + i & 1) == 1 && i < n) {
            x[i] = random.at(first + i) < chance ? x[i] : 0;
            i++;
        }
        for (; i + 1 < n; i += 2) {
            long both = random.pair(first + i);
            // Negative, all ones, where the bits are below the chance.
            int even = (int) ((both & 0xFFFF_FFFFL) - chance >> 63);
            int odd = (int) ((both >>> 32) - chance >> 63);
            x[i] = Float.intBitsToFloat(Float.floatToRawIntBits(x[i]) & even);
            x[i + 1] = Float.intBitsToFloat(Float.floatToRawIntBits(x[i + 1]) & odd);
        }
        if (i < n) {
            x[i] = random.at(first + i) < chance ? x[i] : 0;
        }
    }

    @Override
    public double dot(float[] x, float[] y, int n) {
        return dot(x, y, 0, n);
    }

    static double dot(float[] x, float[] y, int from, int n) {
        // Four sums hide the latency of the addition.
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i + 3 < n; i += 4) {
            a += (double) x[i] * y[i];
            b += (double) x[i + 1] * y[i + 1];
            c += (double) x[i + 2] * y[i + 2];
            d += (double) x[i + 3] * y[i + 3];
        }
        for (; i < n; i++) {
            a += (double) x[i] * y[i];
        }
        return a + b + (c + d);
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
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i + 3 < n; i += 4) {
            a += Math.abs(x[i]);
            b += Math.abs(x[i + 1]);
            c += Math.abs(x[i + 2]);
            d += Math.abs(x[i + 3]);
        }
        for (; i < n; i++) {
            a += Math.abs(x[i]);
        }
        return a + b + (c + d);
    }

    @Override
    public boolean isFinite(float[] x, int n) {
        return isFinite(x, 0, n);
    }

    static boolean isFinite(float[] x, int from, int n) {
        int largest = 0;
        for (int i = from; i < n; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(x[i]) & MAGNITUDE);
        }
        return largest < INFINITY;
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
        int width = high - low;
        for (int i = from; i < n; i++) {
            int bits = Float.floatToRawIntBits(x[i]) & MAGNITUDE;
            // One comparison for both ends: few elements lie between, so it is foreseen.
            if (Integer.compareUnsigned(bits - low, width) <= 0 && width >= 0) {
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
            count += bits - (Float.floatToRawIntBits(x[i]) & MAGNITUDE) >>> 31;
        }
        return count;
    }

    @Override
    public int countShared(float[][] x, int n) {
        return countShared(x, 0, n);
    }

    static int countShared(float[][] x, int from, int n) {
        int count = 0;
        for (int i = from; i < n; i++) {
            int changed = 0;
            for (float[] each : x) {
                changed += each[i] > 0 || each[i] < 0 ? 1 : 0;
            }
            count += changed > 1 ? 1 : 0;
        }
        return count;
    }

    @Override
    public int countConflicts(float[][] x, int n) {
        return countConflicts(x, 0, n);
    }

    static int countConflicts(float[][] x, int from, int n) {
        int count = 0;
        for (int i = from; i < n; i++) {
            boolean up = false;
            boolean down = false;
            for (float[] each : x) {
                up |= each[i] > 0;
                down |= each[i] < 0;
            }
            count += up && down ? 1 : 0;
        }
        return count;
    }
}
