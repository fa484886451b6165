package dev.tailor.torch.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tailor.torch.internal.Sgemm;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.SplittableRandom;

class HeadwiseAttentionTest {
    private static final Attention.Heads HEADS = Attention.Heads.of(6, 2, 24);
    private static final int SEGMENTS = 2;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 127, 128, 129, 300})
    void bothWays_anyLength_equalLibtorchs(int length) {
        assumeTrue(Sgemm.isAvailable());
        try (PointerScope scope = new PointerScope()) {
            Tensor q = random(length, HEADS.query(), 1);
            Tensor k = random(length, HEADS.keyValue(), 2);
            Tensor v = random(length, HEADS.keyValue(), 3);
            Tensor dOut = random(length, HEADS.query(), 4);
            Attention.Kernel ours = new HeadwiseAttention(HEADS);
            Attention.Kernel theirs = new FlashAttention(HEADS);
            Attention.Forward ahead = ours.forward(q, k, v);
            Attention.Forward theirAhead = theirs.forward(q, k, v);
            equal(ahead.out(), theirAhead.out());
            Attention.Backward back = ours.backward(q, k, v, shaped(ahead, q), dOut);
            Attention.Backward theirBack = theirs.backward(q, k, v, shaped(theirAhead, q), dOut);
            equal(back.dq(), theirBack.dq());
            equal(back.dk(), theirBack.dk());
            equal(back.dv(), theirBack.dv());
        }
    }

    private static Attention.Forward shaped(Attention.Forward ahead, Tensor q) {
        return new Attention.Forward(ahead.out().view_as(q), ahead.logSums());
    }

    private static Tensor random(int length, int heads, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[SEGMENTS * length * heads * HEADS.dim()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        return Tensors.floats(values, SEGMENTS, length, (long) heads * HEADS.dim());
    }

    private static void equal(Tensor ours, Tensor theirs) {
        float[] a = Tensors.floats(ours);
        float[] b = Tensors.floats(theirs);
        assertThat(a).hasSameSizeAs(b);
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).isCloseTo(b[i], within(2e-4f));
        }
    }
}
