package dev.tailor.tensors.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/// The vector block kernels against their scalar twins.
class BlocksTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 32, 64, 96, 32 * 1000})
    void q8_vectorAndScalar_sameBytesAndNumbers(int n) {
        Random random = new Random(n);
        float[] source = new float[n + 1];
        for (int i = 0; i <= n; i++) {
            double scale = Math.exp((i / 32 % 40) - 20);
            // Every fourth block holds exact halves of its step.
            source[i] =
                    (float)
                            (i / 32 % 4 == 0
                                    ? (random.nextInt(255) - 127) * 0.5
                                    : random.nextGaussian() * scale);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment expected = arena.allocate(n / 32 * 34 + 1);
            MemorySegment actual = arena.allocate(n / 32 * 34 + 1);
            new ScalarBlocks().floatToQ8(source, 1, expected, 1, n);
            new VectorBlocks().floatToQ8(source, 1, actual, 1, n);
            assertThat(actual.mismatch(expected)).isEqualTo(-1);

            float[] expectedFloats = new float[n + 1];
            float[] actualFloats = new float[n + 1];
            new ScalarBlocks().q8ToFloat(expected, 1, expectedFloats, 1, n);
            new VectorBlocks().q8ToFloat(expected, 1, actualFloats, 1, n);
            assertThat(actualFloats).isEqualTo(expectedFloats);
        }
    }
}
