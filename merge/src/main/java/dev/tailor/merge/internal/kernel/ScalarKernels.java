package dev.tailor.merge.internal.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Plain loops over one or two arrays at a time, without branches, which the compiler turns into
/// vector code by itself: what merges of up to some thousand million elements run on, and the
/// definition that [VectorKernels] is tested against. Long, because it is the whole of
/// [MergeKernels], each kernel with its form from some element on, for what fills no vector.
///
/// Choices are written as arithmetic: `signum(max(x, 0))` is 1 where x is positive and else 0.
public sealed class ScalarKernels implements MergeKernels permits VectorKernels {
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
            setProduct(x[0], w[0], out, start, end);
            for (int k = 1; k < x.length; k++) {
                addProduct(x[k], w[k], out, start, end);
            }
        }
    }

    private static void setProduct(float[] x, float w, float[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            // Adding 0 makes no sum of a negative zero.
            out[i] = w * x[i] + 0f;
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
        for (int start = from; start < n; start += BLOCK) {
            consensusOfBlock(x, w, out, weights, start, Math.min(n, start + BLOCK));
        }
    }

    private static void consensusOfBlock(
            float[][] x, float[] w, float[] out, float[] weights, int from, int to) {
        Arrays.fill(out, from, to, 0);
        for (float[] each : x) {
            addProduct(each, 1, out, from, to);
        }
        elect(out, weights, from, to);
        Arrays.fill(out, from, to, 0);
        for (int k = 0; k < x.length; k++) {
            addAgreeing(x[k], weights, out, from, to);
            toWeight(x[k], weights, w[k], from, to);
        }
        Arrays.fill(weights, from, to, 0);
        for (float[] each : x) {
            addProduct(each, 1, weights, from, to);
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
        for (int start = from; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            Arrays.fill(weights, start, end, 0);
            for (float[] each : x) {
                addProduct(each, 1, weights, start, end);
            }
            elect(weights, weights, start, end);
            for (float[] each : x) {
                keepAgreeing(each, weights, start, end);
            }
            Arrays.fill(weights, start, end, 0);
            for (int k = 0; k < x.length; k++) {
                addWhereNotZero(x[k], w[k], weights, start, end);
            }
        }
    }

    private static void keepAgreeing(float[] x, float[] sign, int from, int to) {
        for (int i = from; i < to; i++) {
            // Adding 0 makes no negative zero of what is dropped.
            x[i] = sign[i] * Math.max(sign[i] * x[i], 0f) + 0f;
        }
    }

    private static void addWhereNotZero(float[] x, float w, float[] sums, int from, int to) {
        for (int i = from; i < to; i++) {
            sums[i] += w * Math.abs(Math.signum(x[i]));
        }
    }

    @Override
    public void raise(float[] x, float least, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.max(x[i], least);
        }
    }

    @Override
    public void variance(float[][] x, float[] out, int n) {
        variance(x, out, 0, n);
    }

    /// Welford's way: equal numbers have a variance of exactly 0.
    static void variance(float[][] x, float[] out, int from, int n) {
        int size = Math.min(BLOCK, n - from);
        double[] mean = new double[size];
        double[] each = new double[size];
        double[] squares = new double[size];
        for (int start = from; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            widen(x[0], mean, start, end);
            Arrays.fill(squares, 0);
            for (int k = 1; k < x.length; k++) {
                widen(x[k], each, start, end);
                addVariation(each, 1.0 / (k + 1), mean, squares, end - start);
            }
            narrow(squares, 1.0 / x.length, out, start, end);
        }
    }

    private static void addVariation(
            double[] x, double share, double[] mean, double[] squares, int n) {
        for (int i = 0; i < n; i++) {
            double change = x[i] - mean[i];
            mean[i] += change * share;
            squares[i] += change * (x[i] - mean[i]);
        }
    }

    private static void narrow(double[] x, double factor, float[] into, int from, int to) {
        for (int i = from; i < to; i++) {
            into[i] = (float) (x[i - from] * factor);
        }
    }

    @Override
    public void keepWhere(float[] x, float[] positive, int n) {
        keepWhere(x, positive, 0, n);
    }

    static void keepWhere(float[] x, float[] positive, int from, int n) {
        int[] bits = new int[Math.min(BLOCK, n - from)];
        int[] condition = new int[bits.length];
        for (int start = from; start < n; start += BLOCK) {
            int size = Math.min(BLOCK, n - start);
            toBits(x, start, bits, size);
            toBits(positive, start, condition, size);
            keepWhere(bits, condition, size);
            fromBits(bits, x, start, size);
        }
    }

    private static void keepWhere(int[] bits, int[] positive, int n) {
        for (int i = 0; i < n; i++) {
            // Both differences are negative or 0 for the bits of numbers above 0.
            bits[i] &= ~(positive[i] - 1 | INFINITY - positive[i]) >> 31;
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
        int[] bits = new int[Math.min(BLOCK, n - from)];
        for (int start = from; start < n; start += BLOCK) {
            int size = Math.min(BLOCK, n - start);
            toBits(x, start, bits, size);
            keepBetween(bits, low, high, size);
            fromBits(bits, x, start, size);
        }
    }

    private static void keepBetween(int[] bits, int low, int high, int n) {
        for (int i = 0; i < n; i++) {
            int magnitude = bits[i] & MAGNITUDE;
            // All ones where neither difference is negative.
            bits[i] &= ~((magnitude - low | high - magnitude) >> 31);
        }
    }

    // The compiler makes vector code of loops over int, but not of the change between a float and
    // its bits.

    private static void toBits(float[] x, int from, int[] bits, int n) {
        MemorySegment.copy(
                MemorySegment.ofArray(x), 4L * from, MemorySegment.ofArray(bits), 0, 4L * n);
    }

    private static void fromBits(int[] bits, float[] x, int from, int n) {
        MemorySegment.copy(
                MemorySegment.ofArray(bits), 0, MemorySegment.ofArray(x), 4L * from, 4L * n);
    }

    @Override
    public void keepRandomly(float[] x, RandomBits random, long first, long chance, int n) {
        keepRandomly(x, random, first, chance, 0, n);
    }

    static void keepRandomly(
            float[] x, RandomBits random, long first, long chance, int from, int n) {
        if (chance > 0xFFFF_FFFFL) {
            return;
        }
        int[] bits = new int[Math.min(BLOCK, n - from)];
        int[] drawn = new int[bits.length];
        long[] pairs = new long[bits.length / 2 + 1];
        for (int start = from; start < n; start += BLOCK) {
            int size = Math.min(BLOCK, n - start);
            random.fill(first + start, size, pairs, drawn);
            toBits(x, start, bits, size);
            keepBelow(bits, drawn, (int) chance, size);
            fromBits(bits, x, start, size);
        }
    }

    /// Compares as unsigned numbers.
    private static void keepBelow(int[] bits, int[] drawn, int chance, int n) {
        for (int i = 0; i < n; i++) {
            int difference = drawn[i] - chance;
            // The borrow of the subtraction.
            bits[i] &= (~drawn[i] & chance | (~drawn[i] | chance) & difference) >> 31;
        }
    }

    @Override
    public double dot(float[] x, float[] y, int n) {
        return dot(x, y, 0, n);
    }

    static double dot(float[] x, float[] y, int from, int n) {
        int size = Math.min(BLOCK, n - from);
        double[] a = new double[size];
        double[] b = new double[size];
        double[] sums = new double[size];
        for (int start = from; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            widen(x, a, start, end);
            widen(y, b, start, end);
            addProducts(a, b, sums, end - start);
        }
        return sum(sums);
    }

    private static void widen(float[] x, double[] into, int from, int to) {
        for (int i = from; i < to; i++) {
            into[i - from] = x[i];
        }
    }

    private static void widenDifference(
            float[] x, float[] from, double[] into, int start, int end) {
        for (int i = start; i < end; i++) {
            into[i - start] = x[i] - from[i];
        }
    }

    private static void addProducts(double[] a, double[] b, double[] sums, int n) {
        for (int i = 0; i < n; i++) {
            sums[i] += a[i] * b[i];
        }
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
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
        int size = Math.min(BLOCK, to - from);
        double[][] vectors = new double[x.length][size];
        double[][] sums = new double[products.length][size];
        for (int start = from; start < to; start += BLOCK) {
            int end = Math.min(to, start + BLOCK);
            widen(x[0], vectors[0], start, end);
            for (int k = 1; k < x.length; k++) {
                widenDifference(x[k], x[0], vectors[k], start, end);
            }
            int next = 0;
            for (int i = 0; i < x.length; i++) {
                for (int j = i; j < x.length; j++) {
                    addProducts(vectors[i], vectors[j], sums[next++], end - start);
                }
            }
        }
        for (int p = 0; p < products.length; p++) {
            products[p] += sum(sums[p]);
        }
    }

    @Override
    public void combination(float[][] x, float[] c, float[] out, int from, int to) {
        for (int start = from; start < to; start += BLOCK) {
            int end = Math.min(to, start + BLOCK);
            setProduct(x[0], c[0], out, start, end);
            for (int k = 1; k < x.length; k++) {
                addDifference(x[k], x[0], c[k], out, start, end);
            }
        }
    }

    @Override
    public double squares(float[] x, int n) {
        return squares(x, 0, n);
    }

    static double squares(float[] x, int from, int n) {
        double[] numbers = new double[Math.min(BLOCK, n - from)];
        double[] sums = new double[numbers.length];
        for (int start = from; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            widen(x, numbers, start, end);
            addProducts(numbers, numbers, sums, end - start);
        }
        return sum(sums);
    }

    @Override
    public double norm1(float[] x, int n) {
        return norm1(x, 0, n);
    }

    static double norm1(float[] x, int from, int n) {
        double[] magnitudes = new double[Math.min(BLOCK, n - from)];
        double[] sums = new double[magnitudes.length];
        for (int start = from; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            widen(x, magnitudes, start, end);
            addMagnitudes(magnitudes, sums, end - start);
        }
        return sum(sums);
    }

    private static void addMagnitudes(double[] x, double[] sums, int n) {
        for (int i = 0; i < n; i++) {
            sums[i] += Math.abs(x[i]);
        }
    }

    @Override
    public boolean isFinite(float[] x, int n) {
        return isFinite(x, 0, n);
    }

    static boolean isFinite(float[] x, int from, int n) {
        return countAbove(x, INFINITY - 1, from, n) == 0;
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
        int[] block = new int[Math.min(BLOCK, n - from)];
        int count = 0;
        for (int start = from; start < n; start += BLOCK) {
            int size = Math.min(BLOCK, n - start);
            toBits(x, start, block, size);
            count += countAbove(block, bits, size);
        }
        return count;
    }

    private static int countAbove(int[] block, int bits, int n) {
        int count = 0;
        for (int i = 0; i < n; i++) {
            count += bits - (block[i] & MAGNITUDE) >>> 31;
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
