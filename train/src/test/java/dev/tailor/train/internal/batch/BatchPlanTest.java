package dev.tailor.train.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Seed;
import dev.tailor.train.Refinements.Order;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

class BatchPlanTest {
    private static BatchPlan plan(int rows, int batchSize, int accumulation, long seed) {
        return new BatchPlan(
                IntStream.range(0, rows).mapToObj(i -> new int[] {2 * i, 2 * i + 1}).toList(),
                batchSize,
                accumulation,
                new EpochOrder(Order.SHUFFLED, row -> 1, new Seed(seed)));
    }

    private static List<Integer> epoch(BatchPlan plan, long epoch) {
        List<Integer> seen = new ArrayList<>();
        for (long s = 0; s < plan.stepsPerEpoch(); s++) {
            plan.passes(epoch * plan.stepsPerEpoch() + s)
                    .forEach(pass -> Arrays.stream(pass).forEach(seen::add));
        }
        return seen;
    }

    @Test
    void epoch_seesEverySequenceOnce() {
        BatchPlan plan = plan(11, 2, 2, 1);

        assertThat(plan.stepsPerEpoch()).isEqualTo(3);
        assertThat(epoch(plan, 0))
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 22).boxed().toList());
        assertThat(plan.passes(2)).hasSize(2).last().satisfies(p -> assertThat(p).hasSize(2));
    }

    @Test
    void epochs_andSeeds_haveTheirOwnOrder() {
        assertThat(epoch(plan(50, 4, 1, 1), 0)).isNotEqualTo(epoch(plan(50, 4, 1, 1), 1));
        assertThat(epoch(plan(50, 4, 1, 1), 0)).isNotEqualTo(epoch(plan(50, 4, 1, 2), 0));
    }

    @Test
    void passes_dependOnSeedAndStepAlone() {
        BatchPlan walked = plan(50, 4, 2, 3);
        epoch(walked, 0);
        epoch(walked, 5);

        assertThat(walked.passes(9).stream().map(Arrays::toString).toList())
                .isEqualTo(plan(50, 4, 2, 3).passes(9).stream().map(Arrays::toString).toList());
    }

    @Test
    void accumulation_onlyCutsAStepIntoPasses() {
        int[] one = plan(32, 8, 1, 5).passes(1).getFirst();
        List<int[]> four = plan(32, 2, 4, 5).passes(1);

        assertThat(four.stream().flatMapToInt(Arrays::stream).toArray()).isEqualTo(one);
    }

    @Test
    void steps_countFractionsOfEpochs() {
        assertThat(plan(10, 2, 1, 1).steps(3, Long.MAX_VALUE)).isEqualTo(15);
        assertThat(plan(10, 2, 1, 1).steps(0.5, Long.MAX_VALUE)).isEqualTo(3);
        assertThat(plan(10, 2, 1, 1).steps(0.01, Long.MAX_VALUE)).isEqualTo(1);
        assertThat(plan(10, 2, 1, 1).steps(3, 4)).isEqualTo(4);
    }
}
