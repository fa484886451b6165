package dev.tailor.merge.internal.kernel;

import static dev.tailor.merge.internal.kernel.ScalarKernels.MAGNITUDE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// A whole vector at a time, with the arithmetic of [ScalarKernels] in every lane. What is not here
/// is as fast there: plain loops over one or two arrays compile to vector code by themselves, and
/// sooner.
public final class VectorKernels extends ScalarKernels {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Long> LONGS =
            VectorSpecies.of(long.class, VectorShape.forBitSize(FLOATS.vectorBitSize()));
    static final VectorSpecies<Double> DOUBLES =
            VectorSpecies.of(double.class, VectorShape.forBitSize(FLOATS.vectorBitSize()));
    private static final VectorSpecies<Float> HALVES =
            VectorSpecies.of(float.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
    static final int LANES = FLOATS.length();

    @Override
    public void divide(float[] x, float[] divisors, int n) {
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector divisor = FloatVector.fromArray(FLOATS, divisors, i);
            FloatVector.fromArray(FLOATS, x, i)
                    .div(divisor.blend(1f, divisor.compare(VectorOperators.EQ, 0f)))
                    .intoArray(x, i);
        }
        ScalarKernels.divide(x, divisors, bound, n);
    }

    @Override
    public void consensus(float[][] x, float[] w, float[] out, float[] weights, int n) {
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector vote = FloatVector.zero(FLOATS);
            for (float[] each : x) {
                vote = vote.add(FloatVector.fromArray(FLOATS, each, i));
            }
            VectorMask<Float> positive = vote.compare(VectorOperators.GE, 0f);
            FloatVector sum = FloatVector.zero(FLOATS);
            FloatVector weight = FloatVector.zero(FLOATS);
            for (int k = 0; k < x.length; k++) {
                FloatVector d = FloatVector.fromArray(FLOATS, x[k], i);
                VectorMask<Float> agrees = agrees(d, positive);
                sum = sum.add(d, agrees);
                weight = weight.add(w[k], agrees);
            }
            sum.intoArray(out, i);
            weight.intoArray(weights, i);
        }
        ScalarKernels.consensus(x, w, out, weights, bound, n);
    }

    @Override
    public void eraseMinority(float[][] x, float[] w, float[] weights, int n) {
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector vote = FloatVector.zero(FLOATS);
            for (float[] each : x) {
                vote = vote.add(FloatVector.fromArray(FLOATS, each, i));
            }
            VectorMask<Float> positive = vote.compare(VectorOperators.GE, 0f);
            FloatVector weight = FloatVector.zero(FLOATS);
            for (int k = 0; k < x.length; k++) {
                FloatVector d = FloatVector.fromArray(FLOATS, x[k], i);
                VectorMask<Float> agrees = agrees(d, positive);
                weight = weight.add(w[k], agrees);
                d.blend(0f, agrees.not()).intoArray(x[k], i);
            }
            weight.intoArray(weights, i);
        }
        ScalarKernels.eraseMinority(x, w, weights, bound, n);
    }

    private static VectorMask<Float> agrees(FloatVector d, VectorMask<Float> positive) {
        return d.compare(VectorOperators.GT, 0f)
                .and(positive)
                .or(d.compare(VectorOperators.LT, 0f).andNot(positive));
    }

    @Override
    public void variance(float[][] x, float[] out, int n) {
        int bound = DOUBLES.loopBound(n);
        int lanes = DOUBLES.length();
        for (int i = 0; i < bound; i += lanes) {
            DoubleVector mean = widened(x[0], i);
            DoubleVector squares = DoubleVector.zero(DOUBLES);
            for (int k = 1; k < x.length; k++) {
                DoubleVector each = widened(x[k], i);
                DoubleVector change = each.sub(mean);
                mean = mean.add(change.mul(1.0 / (k + 1)));
                squares = squares.add(change.mul(each.sub(mean)));
            }
            FloatVector variance =
                    (FloatVector)
                            squares.mul(1.0 / x.length)
                                    .convertShape(VectorOperators.D2F, HALVES, 0);
            variance.intoArray(out, i);
        }
        ScalarKernels.variance(x, out, bound, n);
    }

    @Override
    public void keepWhere(float[] x, float[] positive, int n) {
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            VectorMask<Float> dropped =
                    FloatVector.fromArray(FLOATS, positive, i)
                            .compare(VectorOperators.GT, 0f)
                            .not();
            FloatVector.fromArray(FLOATS, x, i).blend(0f, dropped).intoArray(x, i);
        }
        ScalarKernels.keepWhere(x, positive, bound, n);
    }

    @Override
    public void touched(float[][] x, float epsilon, float[] counts, int n) {
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector count = FloatVector.zero(FLOATS);
            for (float[] array : x) {
                FloatVector each = FloatVector.fromArray(FLOATS, array, i);
                VectorMask<Float> touched = each.abs().compare(VectorOperators.GT, epsilon);
                count = count.add(1f, touched);
                each.blend(0f, touched.not()).intoArray(array, i);
            }
            count.intoArray(counts, i);
        }
        ScalarKernels.touched(x, epsilon, counts, bound, n);
    }

    @Override
    public void keepBetween(float[] x, int low, int high, int n) {
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector each = FloatVector.fromArray(FLOATS, x, i);
            IntVector bits = each.reinterpretAsInts().and(MAGNITUDE);
            VectorMask<Integer> outside =
                    bits.compare(VectorOperators.LT, low)
                            .or(bits.compare(VectorOperators.GT, high));
            each.blend(0f, outside.cast(FLOATS)).intoArray(x, i);
        }
        ScalarKernels.keepBetween(x, low, high, bound, n);
    }

    @Override
    public void keepRandomly(float[] x, RandomBits random, long first, long chance, int n) {
        if (chance > 0xFFFF_FFFFL) {
            return;
        }
        // Pairs of elements share their 64 bits, and tiles begin with an even element.
        int bound = (first & 1) == 0 ? FLOATS.loopBound(n) : 0;
        LongVector pairs =
                LongVector.zero(LONGS)
                        .addIndex(1)
                        .mul(RandomBits.GOLDEN)
                        .add(random.key() + RandomBits.GOLDEN * (first >>> 1));
        long step = RandomBits.GOLDEN * LONGS.length();
        for (int i = 0; i < bound; i += LANES) {
            LongVector z = pairs;
            z =
                    z.lanewise(VectorOperators.XOR, z.lanewise(VectorOperators.LSHR, 30))
                            .mul(RandomBits.FIRST_FACTOR);
            z =
                    z.lanewise(VectorOperators.XOR, z.lanewise(VectorOperators.LSHR, 27))
                            .mul(RandomBits.SECOND_FACTOR);
            z = z.lanewise(VectorOperators.XOR, z.lanewise(VectorOperators.LSHR, 31));
            VectorMask<Integer> dropped =
                    z.reinterpretAsInts().compare(VectorOperators.UGE, (int) chance);
            FloatVector.fromArray(FLOATS, x, i).blend(0f, dropped.cast(FLOATS)).intoArray(x, i);
            pairs = pairs.add(step);
        }
        ScalarKernels.keepRandomly(x, random, first, chance, bound, n);
    }

    @Override
    public double dot(float[] x, float[] y, int n) {
        int bound = FLOATS.loopBound(n);
        // Two sums hide the latency of the fused multiply-add.
        DoubleVector low = DoubleVector.zero(DOUBLES);
        DoubleVector high = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector a = FloatVector.fromArray(FLOATS, x, i);
            FloatVector b = FloatVector.fromArray(FLOATS, y, i);
            low = widened(a, 0).fma(widened(b, 0), low);
            high = widened(a, 1).fma(widened(b, 1), high);
        }
        return inOrder(low.add(high)) + ScalarKernels.dot(x, y, bound, n);
    }

    @Override
    public double[] gram(float[][] x, int from, int to) {
        int bound = from + FLOATS.loopBound(to - from);
        double[] products = VectorGram.products(x, from, bound);
        ScalarKernels.addProducts(x, products, bound, to);
        return products;
    }

    @Override
    public void combination(float[][] x, float[] c, float[] out, int from, int to) {
        int bound = from + FLOATS.loopBound(to - from);
        for (int i = from; i < bound; i += LANES) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, x[0], i);
            FloatVector sum = x0.mul(c[0]);
            for (int k = 1; k < x.length; k++) {
                sum = sum.add(FloatVector.fromArray(FLOATS, x[k], i).sub(x0).mul(c[k]));
            }
            sum.intoArray(out, i);
        }
        super.combination(x, c, out, bound, to);
    }

    @Override
    public double squares(float[] x, int n) {
        int bound = FLOATS.loopBound(n);
        DoubleVector low = DoubleVector.zero(DOUBLES);
        DoubleVector high = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector each = FloatVector.fromArray(FLOATS, x, i);
            DoubleVector first = widened(each, 0);
            DoubleVector second = widened(each, 1);
            low = first.fma(first, low);
            high = second.fma(second, high);
        }
        return inOrder(low.add(high)) + ScalarKernels.squares(x, bound, n);
    }

    @Override
    public double norm1(float[] x, int n) {
        int bound = FLOATS.loopBound(n);
        DoubleVector low = DoubleVector.zero(DOUBLES);
        DoubleVector high = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector each = FloatVector.fromArray(FLOATS, x, i).abs();
            low = low.add(widened(each, 0));
            high = high.add(widened(each, 1));
        }
        return inOrder(low.add(high)) + ScalarKernels.norm1(x, bound, n);
    }

    /// The lanes' sum in a fixed order: that of `reduceLanes` is left to the implementation, and
    /// differs between interpreted and compiled code.
    static double inOrder(DoubleVector lanes) {
        double sum = 0;
        for (double lane : lanes.toArray()) {
            sum += lane;
        }
        return sum;
    }

    @Override
    public boolean isFinite(float[] x, int n) {
        int bound = FLOATS.loopBound(n);
        IntVector largest = FloatVector.zero(FLOATS).reinterpretAsInts();
        for (int i = 0; i < bound; i += LANES) {
            largest = largest.max(magnitudes(x, i));
        }
        return largest.reduceLanes(VectorOperators.MAX) < ScalarKernels.INFINITY
                && ScalarKernels.isFinite(x, bound, n);
    }

    @Override
    public double divergence(float[] x, float[] y, int from, int n, double[] p, double[] q) {
        return VectorDivergence.of(x, y, from, n, p, q);
    }

    @Override
    public int collect(float[] x, int low, int high, int[] into, int n) {
        int bound = FLOATS.loopBound(n);
        int next = 0;
        int i = 0;
        // A whole vector is stored at the end of what is collected: there must be room for it.
        for (; i < bound && next <= into.length - LANES; i += LANES) {
            IntVector bits = magnitudes(x, i);
            VectorMask<Integer> inside =
                    bits.compare(VectorOperators.GE, low)
                            .and(bits.compare(VectorOperators.LE, high));
            bits.compress(inside).intoArray(into, next);
            next += inside.trueCount();
        }
        return ScalarKernels.collect(x, low, high, into, next, i, n);
    }

    @Override
    public int countAbove(float[] x, int bits, int n) {
        int bound = FLOATS.loopBound(n);
        int count = 0;
        for (int i = 0; i < bound; i += LANES) {
            count += magnitudes(x, i).compare(VectorOperators.GT, bits).trueCount();
        }
        return count + ScalarKernels.countAbove(x, bits, bound, n);
    }

    @Override
    public int countShared(float[][] x, int n) {
        int bound = FLOATS.loopBound(n);
        int count = 0;
        for (int i = 0; i < bound; i += LANES) {
            VectorMask<Float> once = FLOATS.maskAll(false);
            VectorMask<Float> twice = once;
            for (float[] each : x) {
                VectorMask<Float> changed =
                        FloatVector.fromArray(FLOATS, each, i)
                                .abs()
                                .compare(VectorOperators.GT, 0f);
                twice = twice.or(once.and(changed));
                once = once.or(changed);
            }
            count += twice.trueCount();
        }
        return count + ScalarKernels.countShared(x, bound, n);
    }

    @Override
    public int countConflicts(float[][] x, int n) {
        int bound = FLOATS.loopBound(n);
        int count = 0;
        for (int i = 0; i < bound; i += LANES) {
            VectorMask<Float> up = FLOATS.maskAll(false);
            VectorMask<Float> down = up;
            for (float[] each : x) {
                FloatVector d = FloatVector.fromArray(FLOATS, each, i);
                up = up.or(d.compare(VectorOperators.GT, 0f));
                down = down.or(d.compare(VectorOperators.LT, 0f));
            }
            count += up.and(down).trueCount();
        }
        return count + ScalarKernels.countConflicts(x, bound, n);
    }

    private static IntVector magnitudes(float[] x, int i) {
        return FloatVector.fromArray(FLOATS, x, i).reinterpretAsInts().and(MAGNITUDE);
    }

    static DoubleVector widened(FloatVector x, int part) {
        return (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, part);
    }

    /// The elements from `i` on that fill a vector of doubles.
    private static DoubleVector widened(float[] x, int i) {
        return (DoubleVector)
                FloatVector.fromArray(HALVES, x, i).convertShape(VectorOperators.F2D, DOUBLES, 0);
    }
}
