package dev.tailor.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {
    /// Recorded with the golden optimiser trajectory: cosine, 2 steps of warm-up, 6 steps.
    @Test
    void cosine_matchesRecordedRates() {
        double[] recorded = {0, 0.0005, 0.001, 0.0008535533905932737, 0.0005, 0.0001464466094067};
        for (int step = 0; step < recorded.length; step++) {
            assertThat(0.001 * new Schedule.Cosine(0).factor(step, 2, 6))
                    .isCloseTo(recorded[step], within(1e-12));
        }
    }

    @Test
    void cosine_withMinimum_endsThere() {
        assertThat(new Schedule.Cosine(0.1).factor(100, 10, 100)).isCloseTo(0.1, within(1e-12));
        assertThat(new Schedule.Cosine(0.1).factor(10, 10, 100)).isEqualTo(1);
    }

    @Test
    void linear_fallsToZero() {
        assertThat(new Schedule.Linear().factor(0, 0, 10)).isEqualTo(1);
        assertThat(new Schedule.Linear().factor(5, 0, 10)).isEqualTo(0.5);
        assertThat(new Schedule.Linear().factor(10, 0, 10)).isZero();
    }

    @Test
    void warmupStableDecay_staysAndThenFalls() {
        Schedule schedule = new Schedule.WarmupStableDecay(0.25, 0);

        assertThat(schedule.factor(74, 0, 100)).isEqualTo(1);
        assertThat(schedule.factor(75, 0, 100)).isEqualTo(1);
        assertThat(schedule.factor(80, 0, 100)).isCloseTo(0.8, within(1e-12));
        assertThat(schedule.factor(100, 0, 100)).isCloseTo(0, within(1e-12));
    }

    @Test
    void constant_withWarmup_rises() {
        assertThat(new Schedule.Constant().factor(0, 4, 10)).isZero();
        assertThat(new Schedule.Constant().factor(3, 4, 10)).isEqualTo(0.75);
        assertThat(new Schedule.Constant().factor(9, 4, 10)).isEqualTo(1);
    }

    @Test
    void minimum_outsideItsRange_isRefused() {
        assertThatThrownBy(() -> new Schedule.Cosine(1.5)).hasMessageContaining("[0, 1]");
    }
}
