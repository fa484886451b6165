package dev.tailor.torch.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// Sizes around the edges of the vector registers, against sums as they are written.
class CachedHeadsTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 32, 33})
    void scores_anyPage_areProductsOfQueryAndKeys(int page) {
        int dim = 5;
        float[] query = random(2 * dim, 1);
        float[] keys = random(3 + dim * page, 2);
        float[] row = new float[page + 4];
        try (Arena arena = Arena.ofConfined()) {
            CachedHeads.scores(
                    query, dim, dim, in(arena, keys), 3, new CachedHeads.Page(row, 2, page));
        }
        for (int i = 0; i < page; i++) {
            double sum = 0;
            for (int d = 0; d < dim; d++) {
                sum += (double) query[dim + d] * keys[3 + d * page + i];
            }
            assertThat((double) row[2 + i]).isCloseTo(sum, within(1e-5));
        }
        assertThat(row[1]).isZero();
        assertThat(row[page + 2]).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 64, 100})
    void mix_anyHead_addsWeightedValues(int dim) {
        int count = 6;
        float[] weights = random(count + 1, 3);
        float[] values = random(2 + dim * count, 4);
        float[] out = random(dim + 1, 5);
        float[] before = out.clone();
        try (Arena arena = Arena.ofConfined()) {
            CachedHeads.mix(
                    new CachedHeads.Page(weights, 1, count), in(arena, values), 2, dim, out, 1);
        }
        assertThat(out[0]).isEqualTo(before[0]);
        for (int d = 0; d < dim; d++) {
            double sum = before[1 + d];
            for (int i = 0; i < count; i++) {
                sum += (double) weights[1 + i] * values[2 + i * dim + d];
            }
            assertThat((double) out[1 + d]).isCloseTo(sum, within(1e-5));
        }
    }

    private static MemorySegment in(Arena arena, float[] values) {
        return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    }

    private static float[] random(int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        return values;
    }
}
