package dev.tailor.merge.internal.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// [MergeKernels#divergence] a whole vector at a time. The exponential is Cody and Waite's: a power
/// of two times a polynomial. That of `lanewise` is another one in interpreted and in compiled
/// code.
final class VectorDivergence {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> HALVES =
            VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));
    private static final int LANES = DOUBLES.length();

    /// Added to a number below 2^51, it leaves its whole part in the low bits.
    private static final double WHOLE = 0x1.8p52;

    private static final int MANTISSA_BITS = 52;
    private static final double PER_LN2 = 1 / Math.log(2);
    private static final double LN2_HIGH = 0x1.62e42feep-1;
    private static final double LN2_LOW = 0x1.a39ef35793c76p-33;

    /// Powers of e below this are as good as 0.
    private static final double SMALLEST_EXPONENT = -700;

    /// 1/13!, 1/12!, ... 1: up to half the logarithm of 2, more terms would not show.
    private static final double[] EXP = new double[14];

    static {
        double factorial = 1;
        for (int i = 0; i < EXP.length; i++) {
            factorial *= Math.max(1, i);
            EXP[EXP.length - 1 - i] = 1 / factorial;
        }
    }

    private VectorDivergence() {}

    static double of(float[] x, float[] y, int from, int n, double[] p, double[] q) {
        double factorP = 1 / exponentials(x, from, n, p);
        double factorQ = 1 / exponentials(y, from, n, q);
        int bound = DOUBLES.loopBound(n);
        DoubleVector sum = DoubleVector.zero(DOUBLES);
        double far = 0;
        for (int i = 0; i < bound; i += LANES) {
            DoubleVector a =
                    DoubleVector.fromArray(DOUBLES, p, i)
                            .mul(factorP)
                            .add(MergeKernels.LEAST_PROBABILITY);
            DoubleVector b =
                    DoubleVector.fromArray(DOUBLES, q, i)
                            .mul(factorQ)
                            .add(MergeKernels.LEAST_PROBABILITY);
            DoubleVector change = b.sub(a).div(a);
            DoubleVector term = DoubleVector.broadcast(DOUBLES, ScalarDivergence.SERIES[0]);
            for (int k = 1; k < ScalarDivergence.SERIES.length; k++) {
                term = term.mul(change).add(ScalarDivergence.SERIES[k]);
            }
            term = term.mul(change).mul(change).mul(a);
            VectorMask<Double> outside =
                    change.abs().compare(VectorOperators.GT, ScalarDivergence.SMALL_CHANGE);
            if (outside.anyTrue()) {
                far += far(outside, a, b);
                term = term.blend(0, outside);
            }
            sum = sum.add(term);
        }
        double[] lanes = sum.toArray();
        double total = far;
        for (double lane : lanes) {
            total += lane;
        }
        return total + ScalarDivergence.terms(p, q, factorP, factorQ, bound, n);
    }

    private static double far(VectorMask<Double> outside, DoubleVector p, DoubleVector q) {
        double sum = 0;
        for (int lane = 0; lane < LANES; lane++) {
            if (outside.laneIsSet(lane)) {
                sum += ScalarDivergence.term(p.lane(lane), q.lane(lane));
            }
        }
        return sum;
    }

    /// `into = exp(x - max x)`; returns the sum.
    private static double exponentials(float[] x, int from, int n, double[] into) {
        int bound = DOUBLES.loopBound(n);
        double max = ScalarDivergence.max(x, from, n);
        DoubleVector sum = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < bound; i += LANES) {
            DoubleVector each =
                    (DoubleVector)
                            FloatVector.fromArray(HALVES, x, from + i)
                                    .convertShape(VectorOperators.F2D, DOUBLES, 0);
            DoubleVector power = exp(each.sub(max).max(SMALLEST_EXPONENT));
            power.intoArray(into, i);
            sum = sum.add(power);
        }
        double total = 0;
        for (double lane : sum.toArray()) {
            total += lane;
        }
        return total + ScalarDivergence.exponentials(x, from, max, bound, n, into);
    }

    private static DoubleVector exp(DoubleVector x) {
        DoubleVector shifted = x.mul(PER_LN2).add(WHOLE);
        DoubleVector whole = shifted.sub(WHOLE);
        DoubleVector rest = x.sub(whole.mul(LN2_HIGH)).sub(whole.mul(LN2_LOW));
        DoubleVector power = DoubleVector.broadcast(DOUBLES, EXP[0]);
        for (int k = 1; k < EXP.length; k++) {
            power = power.fma(rest, DoubleVector.broadcast(DOUBLES, EXP[k]));
        }
        LongVector exponent =
                shifted.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        return power.reinterpretAsLongs().add(exponent).reinterpretAsDoubles();
    }
}
