package dev.tailor.torch.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/// Float32 numbers in less memory: in two halves, and rounded at random. Counts are odd, so that
/// whole registers and single numbers are both used.
class NarrowFloatsTest {
    private static final int COUNT = 1003;

    private static float[] anyBits() {
        Random random = new Random(3);
        float[] x = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            float any = Float.intBitsToFloat(random.nextInt());
            // halfway between two bfloat16 numbers, where rounding could go either way
            x[i] = i % 5 == 0 ? Float.intBitsToFloat(random.nextInt() << 16 | 0x8000) : any;
            x[i] = Float.isNaN(x[i]) ? i : x[i];
        }
        x[7] = Float.POSITIVE_INFINITY;
        x[COUNT - 1] = -Float.MAX_VALUE;
        return x;
    }

    @Test
    void halves_loseNothing_andTheUpperIsTheNearestBfloat16() {
        float[] x = anyBits();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment upper = arena.allocate(2L * COUNT + 2);
            MemorySegment lower = arena.allocate(2L * COUNT + 2);
            SplitFloats.split(x, COUNT, upper, lower, 1);
            float[] back = new float[COUNT];
            SplitFloats.join(upper, lower, 1, back, COUNT);
            for (int i = 0; i < COUNT; i++) {
                assertThat(Float.floatToRawIntBits(back[i]))
                        .isEqualTo(Float.floatToRawIntBits(x[i]));
                int down = Float.floatToRawIntBits(x[i]) & 0xFFFF0000;
                double step =
                        (double) Float.intBitsToFloat(down + 0x10000) - Float.intBitsToFloat(down);
                double away = Math.abs((double) Lanes.get(upper.address() + 2 * (i + 1)) - x[i]);
                if (Float.isFinite(Lanes.get(upper.address() + 2 * (i + 1)))
                        && Double.isFinite(step)) {
                    assertThat(away).isLessThanOrEqualTo(Math.abs(step) / 2);
                }
            }
        }
    }

    @Test
    void randomRounding_givesANeighbour_andTheNumberOnAverage() {
        float[] numbers = numbers();
        double[] sums = new double[COUNT];
        int rounds = 2000;
        for (int key = 0; key < rounds; key++) {
            float[] x = numbers.clone();
            RandomRounding.toBfloat16(x, COUNT, RandomRounding.key(17, key));
            for (int i = 0; i < COUNT; i++) {
                if (Math.abs(x[i] - numbers[i]) >= 0x1p-7f
                        || (Float.floatToRawIntBits(x[i]) & 0xFFFF) != 0) {
                    throw new AssertionError("%s became %s".formatted(numbers[i], x[i]));
                }
                sums[i] += x[i] - numbers[i];
            }
        }
        // The deviation of one rounding is at most half the distance of two bfloat16 numbers.
        double deviation = 0x1p-8 / Math.sqrt(rounds);
        double all = 0;
        for (double sum : sums) {
            assertThat(sum / rounds).isCloseTo(0, within(5 * deviation));
            all += sum / rounds;
        }
        assertThat(all / COUNT).isCloseTo(0, within(5 * deviation / Math.sqrt(COUNT)));
    }

    private static float[] numbers() {
        float[] x = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            x[i] = 1 + (i + 0.5f) / COUNT;
        }
        return x;
    }
}
