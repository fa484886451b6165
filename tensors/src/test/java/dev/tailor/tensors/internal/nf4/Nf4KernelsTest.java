package dev.tailor.tensors.internal.nf4;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/// The vector quantiser against its scalar twin.
class Nf4KernelsTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 33, 500})
    void vectorAndScalar_sameBytes(int blocks) {
        Random random = new Random(blocks);
        float[] source = new float[blocks * Nf4Kernels.BLOCK];
        float[] middles = Codebook.middles();
        for (int i = 0; i < source.length; i++) {
            int block = i / Nf4Kernels.BLOCK;
            // Every third block holds exact middles, every seventh zeros.
            source[i] =
                    switch (block % 7 == 6 ? 3 : block % 3) {
                        case 0 -> i % 16 == 15 ? 1 : middles[i % 16];
                        case 3 -> 0;
                        default -> (float) (random.nextGaussian() * Math.exp(block % 40 - 20));
                    };
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment expected = arena.allocate(source.length / 2 + 1);
            MemorySegment actual = arena.allocate(source.length / 2 + 1);
            float[] expectedScales = new float[blocks];
            float[] actualScales = new float[blocks];
            Nf4Kernels.scalar().encode(source, blocks, expectedScales, expected, 1);
            Nf4Kernels.best().encode(source, blocks, actualScales, actual, 1);
            assertThat(actual.mismatch(expected)).isEqualTo(-1);
            assertThat(actualScales).isEqualTo(expectedScales);
        }
    }
}
