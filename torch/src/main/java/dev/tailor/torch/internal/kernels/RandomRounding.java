package dev.tailor.torch.internal.kernels;

import static dev.tailor.torch.internal.kernels.Lanes.COUNT;
import static dev.tailor.torch.internal.kernels.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Rounds float32 numbers up or down to a bfloat16, up with the probability that makes the
/// expectation the number itself. Changes too small for bfloat16 are thus kept on average, where
/// rounding to the nearest would lose each of them: a second moment, which shrinks by a thousandth
/// a step, would never shrink.
public final class RandomRounding {
    private static final int STRIDE = 0x9E3779B9;
    private static final int FIRST = 0x85EBCA6B;
    private static final int SECOND = 0xC2B2AE35;
    private static final int UPPER = 0xFFFF0000;

    private static final IntVector STEPS = IntVector.zero(Lanes.INTS).addIndex(1).mul(STRIDE);

    private RandomRounding() {}

    /// Rounds the first `n` numbers in place. The random bits follow from `key` and each number's
    /// place alone. Finite numbers beyond bfloat16's largest become infinite; infinities and NaN
    /// with a set upper half stay.
    public static void toBfloat16(float[] x, int n, int key) {
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += COUNT) {
            IntVector bits = FloatVector.fromArray(FLOATS, x, i).reinterpretAsInts();
            IntVector noise =
                    random(STEPS.add(key + i * STRIDE)).lanewise(VectorOperators.LSHR, 16);
            bits.add(noise).and(UPPER).reinterpretAsFloats().intoArray(x, i);
        }
        for (int i = bound; i < n; i++) {
            int noise = random(key + i * STRIDE) >>> 16;
            x[i] = Float.intBitsToFloat(Float.floatToRawIntBits(x[i]) + noise & UPPER);
        }
    }

    /// A key of several numbers.
    public static int key(int... parts) {
        int key = 0;
        for (int part : parts) {
            key = random(key * 31 + part);
        }
        return key;
    }

    /// The finaliser of MurmurHash3 (32 bits).
    private static int random(int h) {
        h ^= h >>> 16;
        h *= FIRST;
        h ^= h >>> 13;
        h *= SECOND;
        return h ^ h >>> 16;
    }

    private static IntVector random(IntVector h) {
        h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 16)).mul(FIRST);
        h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 13)).mul(SECOND);
        return h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 16));
    }
}
