package dev.tailor.train.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Seed;
import dev.tailor.train.Refinements.Order;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.stream.IntStream;

class EpochOrderTest {
    private static final int ROWS = 1003;

    private static int length(int row) {
        return row * 37 % 101;
    }

    private static EpochOrder order(Order order) {
        return new EpochOrder(order, EpochOrderTest::length, new Seed(7));
    }

    @ParameterizedTest
    @EnumSource
    void everyRow_isSeenOnce_inAnotherOrderEachEpoch(Order order) {
        int[] first = order(order).of(0, ROWS, 8);
        int[] second = order(order).of(1, ROWS, 8);

        assertThat(first).containsExactlyInAnyOrder(IntStream.range(0, ROWS).toArray());
        assertThat(second).containsExactlyInAnyOrder(IntStream.range(0, ROWS).toArray());
        assertThat(second).isNotEqualTo(first);
        assertThat(order(order).of(1, ROWS, 8)).isEqualTo(second);
    }

    @Test
    void shortFirst_risesInTheFirstEpochOnly() {
        int[] first = lengths(order(Order.SHORT_FIRST).of(0, ROWS, 8));
        int[] second = lengths(order(Order.SHORT_FIRST).of(1, ROWS, 8));

        assertThat(first).isSorted();
        assertThat(second).isNotEqualTo(first);
        assertThat(order(Order.SHORT_FIRST).of(1, ROWS, 8))
                .isEqualTo(order(Order.SHUFFLED).of(1, ROWS, 8));
    }

    @Test
    void lengthGrouped_spreadsLittleWithinAStepAndMuchBetweenThem() {
        int[] lengths = lengths(order(Order.LENGTH_GROUPED).of(0, ROWS, 8));
        int[] shuffled = lengths(order(Order.SHUFFLED).of(0, ROWS, 8));

        assertThat(spread(lengths)).isLessThan(spread(shuffled) / 10);
        int[] starts = IntStream.range(0, ROWS / 8).map(step -> lengths[8 * step]).toArray();
        int[] sorted = starts.clone();
        Arrays.sort(sorted);
        assertThat(starts).isNotEqualTo(sorted);
    }

    private static int[] lengths(int[] rows) {
        return Arrays.stream(rows).map(EpochOrderTest::length).toArray();
    }

    /// The mean difference of the longest and the shortest row of a step.
    private static double spread(int[] lengths) {
        return IntStream.range(0, lengths.length / 8)
                .map(step -> {
                    int[] rows = Arrays.copyOfRange(lengths, 8 * step, 8 * step + 8);
                    return Arrays.stream(rows).max().orElseThrow()
                            - Arrays.stream(rows).min().orElseThrow();
                })
                .average()
                .orElseThrow();
    }
}
