package dev.tailor.torch.internal.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// e^x in float32 with the same result on every machine and in every lane: x = n ln2 + r with |r| ≤
/// ln2/2, a polynomial for e^r (coefficients of Cephes' expf), times 2^n. Error below 2 units in
/// the last place; below -87.3 the result is 0, above 88.3 infinity is not reached (clamped).
final class Exponential {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    private static final float LOWEST = -87.3f;
    private static final float HIGHEST = 88.3f;
    private static final float LOG2_E = 1.442695041f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    private static final float C5 = 1.9875691500e-4f;
    private static final float C4 = 1.3981999507e-3f;
    private static final float C3 = 8.3334519073e-3f;
    private static final float C2 = 4.1665795894e-2f;
    private static final float C1 = 1.6666665459e-1f;
    private static final float C0 = 5.0000001201e-1f;

    /// Adding and subtracting 1.5 · 2^23 rounds to the nearest whole number, ties to even.
    private static final float ROUND = 12582912f;

    private Exponential() {}

    static FloatVector exp(FloatVector x) {
        var tiny = x.lt(LOWEST);
        FloatVector y = x.max(LOWEST).min(HIGHEST);
        FloatVector n = y.mul(LOG2_E).add(ROUND).sub(ROUND);
        FloatVector r = n.fma(broadcast(-LN2_HIGH), y);
        r = n.fma(broadcast(-LN2_LOW), r);
        FloatVector p = r.fma(broadcast(C5), broadcast(C4));
        p = p.fma(r, broadcast(C3));
        p = p.fma(r, broadcast(C2));
        p = p.fma(r, broadcast(C1));
        p = p.fma(r, broadcast(C0));
        p = p.fma(r.mul(r), r.add(1));
        IntVector bits =
                ((IntVector) n.convertShape(VectorOperators.F2I, INTS, 0))
                        .add(127)
                        .lanewise(VectorOperators.LSHL, 23);
        return p.mul(bits.reinterpretAsFloats()).blend(0, tiny);
    }

    /// The scalar twin.
    static float exp(float x) {
        if (x < LOWEST) {
            return 0;
        }
        float y = Math.min(Math.max(x, LOWEST), HIGHEST);
        float n = y * LOG2_E + ROUND - ROUND;
        float r = Math.fma(n, -LN2_HIGH, y);
        r = Math.fma(n, -LN2_LOW, r);
        float p = Math.fma(r, C5, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r, C1);
        p = Math.fma(p, r, C0);
        p = Math.fma(p, r * r, r + 1);
        return p * Float.intBitsToFloat(((int) n + 127) << 23);
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }
}
