package dev.tailor.torch.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Sgemm;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.SplittableRandom;

class AttentionKernelsTest {
    private static final Attention.Heads HEADS = Attention.Heads.of(6, 2, 24);
    private static final int SEGMENTS = 2;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 127, 128, 129, 300})
    void headwise_anyLength_equalsLibtorchs(int length) {
        assumeTrue(Sgemm.isAvailable());
        equal(
                new HeadwiseAttention(HEADS),
                new FlashAttention(HEADS),
                length,
                ScalarType.Float,
                1e-5);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 130})
    void masked_withoutWindowAndCap_equalsLibtorchs(int length) {
        Native.load();
        equal(
                new MaskedAttention(HEADS),
                new FlashAttention(HEADS),
                length,
                ScalarType.Float,
                1e-5);
    }

    @ParameterizedTest
    @CsvSource({"1,3,0", "7,3,0", "129,1,0", "300,50,0", "300,200,0", "130,1000,5", "300,40,2"})
    void headwise_withWindowAndCap_equalsWhatIsWritten(int length, int window, double cap) {
        assumeTrue(Sgemm.isAvailable());
        Attention.Heads heads = new Attention.Heads(6, 2, 24, 0.3, window, cap);
        equal(
                new HeadwiseAttention(heads),
                new MaskedAttention(heads),
                length,
                ScalarType.Float,
                1e-5);
    }

    @ParameterizedTest
    @CsvSource({"1,3,0", "7,3,0", "300,50,0", "300,250,0", "130,1000,5", "300,40,2"})
    void tiled_withWindowAndCap_isNearWhatIsWritten(int length, int window, double cap) {
        Native.load();
        Attention.Heads heads = new Attention.Heads(6, 2, 24, 0.3, window, cap);
        equal(
                new TiledAttention(heads),
                new MaskedAttention(heads),
                length,
                ScalarType.BFloat16,
                0.15);
    }

    /// Compares two kernels both ways; the second computes in float32.
    private static void equal(
            Attention.Kernel ours,
            Attention.Kernel theirs,
            int length,
            ScalarType type,
            double tolerance) {
        try (PointerScope scope = new PointerScope()) {
            Tensor q = random(length, HEADS.query(), 1, type);
            Tensor k = random(length, HEADS.keyValue(), 2, type);
            Tensor v = random(length, HEADS.keyValue(), 3, type);
            Tensor dOut = random(length, HEADS.query(), 4, type);
            Attention.Forward ahead = ours.forward(q, k, v);
            Attention.Forward theirAhead = theirs.forward(precise(q), precise(k), precise(v));
            equal(ahead.out(), theirAhead.out(), tolerance);
            Attention.Backward back = ours.backward(q, k, v, shaped(ahead, q), dOut);
            Attention.Backward theirBack =
                    theirs.backward(
                            precise(q),
                            precise(k),
                            precise(v),
                            shaped(theirAhead, q),
                            precise(dOut));
            equal(back.dq(), theirBack.dq(), tolerance);
            equal(back.dk(), theirBack.dk(), tolerance);
            equal(back.dv(), theirBack.dv(), tolerance);
        }
    }

    private static Tensor precise(Tensor tensor) {
        return Tensors.cast(tensor, ScalarType.Float);
    }

    private static Attention.Forward shaped(Attention.Forward ahead, Tensor q) {
        return new Attention.Forward(ahead.out().view_as(q), ahead.logSums());
    }

    private static Tensor random(int length, int heads, long seed, ScalarType type) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[SEGMENTS * length * heads * HEADS.dim()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        long width = (long) heads * HEADS.dim();
        return Tensors.cast(Tensors.floats(values, SEGMENTS, length, width), type);
    }

    private static void equal(Tensor ours, Tensor theirs, double tolerance) {
        float[] a = Tensors.floats(ours);
        float[] b = Tensors.floats(theirs);
        assertThat(a).hasSameSizeAs(b);
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i])
                    .isCloseTo(b[i], within((float) (tolerance * Math.max(1, Math.abs(b[i])))));
        }
    }
}
