package dev.tailor.train.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.train.MaskSummary;

import org.junit.jupiter.api.Test;

import java.util.List;

class MaskTallyTest {
    private static Sequence sequence(float... weights) {
        return new Sequence(new int[weights.length], weights);
    }

    @Test
    void summary_countsSharesWeightsAndWholeSamples() {
        MaskTally tally = new MaskTally(true);
        tally.add(List.of(sequence(0, 0, 1, 1)));
        tally.add(List.of(sequence(0, 0.5f, 2)));

        MaskSummary summary = tally.summary();

        assertThat(summary.predicted()).isEqualTo(5);
        assertThat(summary.learnt()).isEqualTo(4);
        assertThat(summary.wholeSamples()).isEqualTo(1);
        assertThat(summary.share()).isEqualTo("80.0 % of the tokens are learnt: 4 of 5");
        assertThat(summary.weighing())
                .isEqualTo(
                        "weights: 1 tokens × 0.5, 2 tokens × 1, 1 tokens × 2; all count as 4.5"
                                + " tokens of weight 1");
    }

    @Test
    void summary_ofText_findsWholeSamplesNatural() {
        MaskTally tally = new MaskTally(false);
        tally.add(List.of(sequence(1, 1, 1)));

        assertThat(tally.summary().wholeSamples()).isZero();
        assertThat(tally.summary().countsUnevenly()).isFalse();
    }

    @Test
    void summary_ofManyWeights_countsTheRestTogether() {
        MaskTally tally = new MaskTally(true);
        for (int i = 1; i <= 40; i++) {
            tally.add(List.of(sequence(0, 0, i / 64f)));
        }

        assertThat(tally.summary().weights())
                .hasSize(MaskSummary.MOST_WEIGHTS + 1)
                .containsEntry(MaskSummary.OTHERS, 40L - MaskSummary.MOST_WEIGHTS);
    }
}
