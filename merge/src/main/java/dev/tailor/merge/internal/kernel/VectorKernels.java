package dev.tailor.merge.internal.kernel;

import static dev.tailor.merge.internal.kernel.ScalarKernels.MAGNITUDE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// A whole vector at a time, with the arithmetic of [ScalarKernels] in every lane.
public final class VectorKernels implements MergeKernels {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Double> DOUBLES =
            VectorSpecies.of(double.class, VectorShape.forBitSize(FLOATS.vectorBitSize()));
    private static final int LANES = FLOATS.length();

    @Override
    public void linear(float[][] x, float[] w, float divisor, float[] out, int n) {
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int k = 0; k < x.length; k++) {
                sum = sum.add(FloatVector.fromArray(FLOATS, x[k], i).mul(w[k]));
            }
            sum.div(divisor).intoArray(out, i);
        }
        ScalarKernels.linear(x, w, divisor, out, bound, n);
    }

    @Override
    public void taskArithmetic(
            float[] base, float[][] x, float[] w, float divisor, float lambda, float[] out, int n) {
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector b = FloatVector.fromArray(FLOATS, base, i);
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int k = 0; k < x.length; k++) {
                sum = sum.add(FloatVector.fromArray(FLOATS, x[k], i).sub(b).mul(w[k]));
            }
            b.add(sum.div(divisor).mul(lambda)).intoArray(out, i);
        }
        ScalarKernels.taskArithmetic(base, x, w, divisor, lambda, out, bound, n);
    }

    @Override
    public void ties(float[] base, float[][] x, Ties ties, float[] out, int n) {
        float[] w = ties.weights();
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector b = FloatVector.fromArray(FLOATS, base, i);
            FloatVector vote = FloatVector.zero(FLOATS);
            for (int k = 0; k < x.length; k++) {
                FloatVector d = FloatVector.fromArray(FLOATS, x[k], i).sub(b);
                VectorMask<Float> kept =
                        d.reinterpretAsInts()
                                .and(MAGNITUDE)
                                .compare(VectorOperators.GE, ties.thresholds()[k])
                                .cast(FLOATS);
                FloatVector weighted =
                        FloatVector.zero(FLOATS).blend(d.mul(ties.growth(k)).mul(w[k]), kept);
                weighted.intoArray(x[k], i);
                vote = vote.add(weighted);
            }
            VectorMask<Float> positive = vote.compare(VectorOperators.GE, 0f);
            FloatVector sum = FloatVector.zero(FLOATS);
            FloatVector weight = FloatVector.zero(FLOATS);
            for (int k = 0; k < x.length; k++) {
                FloatVector d = FloatVector.fromArray(FLOATS, x[k], i);
                VectorMask<Float> agrees =
                        d.compare(VectorOperators.GT, 0f)
                                .and(positive)
                                .or(d.compare(VectorOperators.LT, 0f).andNot(positive));
                sum = sum.add(d, agrees);
                weight = weight.add(w[k], agrees);
            }
            if (ties.normalize()) {
                sum = sum.div(weight.blend(1f, weight.compare(VectorOperators.EQ, 0f)));
            }
            b.add(sum.mul(ties.lambda())).intoArray(out, i);
        }
        ScalarKernels.ties(base, x, ties, out, bound, n);
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
        // In a fixed order: that of `reduceLanes` is left to the implementation, and differs
        // between
        // interpreted and compiled code.
        double sum = 0;
        for (double lane : low.add(high).toArray()) {
            sum += lane;
        }
        return sum + ScalarKernels.dot(x, y, bound, n);
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

    private static IntVector magnitudes(float[] x, int i) {
        return FloatVector.fromArray(FLOATS, x, i).reinterpretAsInts().and(MAGNITUDE);
    }

    private static DoubleVector widened(FloatVector x, int part) {
        return (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, part);
    }
}
