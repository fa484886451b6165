package dev.tailor.torch.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.torch.internal.Native;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EmbeddingNoiseTest {
    private static final int HIDDEN = 64;

    @BeforeAll
    static void load() {
        Native.load();
    }

    private static float[] noise(double alpha, long seed, int... lengths) {
        return Scoped.call(() -> {
            int positions = java.util.Arrays.stream(lengths).sum();
            var embedded = Tensors.zeros(ScalarType.Float, positions, HIDDEN);
            new EmbeddingNoise(alpha, seed).addTo(embedded, lengths);
            return Tensors.floats(embedded);
        });
    }

    @Test
    void noise_fillsTheIntervalOfItsOwnSequence() {
        float[] noise = noise(5, 1, 4, 100);

        double[][] parts = {part(noise, 0, 4), part(noise, 4, 104)};
        int[] lengths = {4, 100};
        for (int i = 0; i < 2; i++) {
            double reach = 5 / Math.sqrt(lengths[i] * HIDDEN);
            double largest = 0;
            double square = 0;
            for (double value : parts[i]) {
                largest = Math.max(largest, Math.abs(value));
                square += value * value / parts[i].length;
            }
            assertThat(largest).isBetween(0.95 * reach, reach * 1.000001);
            // a uniform distribution's
            assertThat(Math.sqrt(square))
                    .isBetween(0.9 * reach / Math.sqrt(3), 1.1 * reach / 1.732);
        }
    }

    private static double[] part(float[] noise, int from, int to) {
        double[] part = new double[(to - from) * HIDDEN];
        for (int i = 0; i < part.length; i++) {
            part[i] = noise[from * HIDDEN + i];
        }
        return part;
    }

    @Test
    void noise_followsTheSeed() {
        assertThat(noise(5, 1, 7)).isEqualTo(noise(5, 1, 7)).isNotEqualTo(noise(5, 2, 7));
        assertThat(noise(0, 1, 7)).containsOnly(0);
    }
}
