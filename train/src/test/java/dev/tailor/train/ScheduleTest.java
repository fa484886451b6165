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

    /// Recorded from transformers 5.18: `get_polynomial_decay_schedule_with_warmup(optimizer, 3,
    /// 11, lr_end=1e-4, power=2.0)` on a peak of 1e-3, `group["lr"] / 1e-3` before each step.
    @Test
    void polynomial_matchesRecordedFactors() {
        assertFactors(
                new Schedule.Polynomial(2, 0.1),
                3,
                11,
                0,
                0.3333333333333333,
                0.6666666666666666,
                1,
                0.7890625,
                0.60625,
                0.4515625,
                0.32499999999999996,
                0.22656249999999997,
                0.15625,
                0.1140625,
                0.1);
    }

    /// The same with 0 steps of warm-up, 6 steps, `lr_end=0.0` and `power=1.5`.
    @Test
    void polynomial_ofBrokenPower_matchesRecordedFactors() {
        assertFactors(
                new Schedule.Polynomial(1.5, 0),
                0,
                6,
                1,
                0.7607257743127308,
                0.5443310539518175,
                0.3535533905932738,
                0.1924500897298753,
                0.06804138174397714,
                0);
    }

    /// Recorded from transformers 5.18: `get_inverse_sqrt_schedule(optimizer, 4)`.
    @Test
    void inverseSquareRoot_matchesRecordedFactors() {
        assertFactors(
                new Schedule.InverseSquareRoot(0),
                4,
                6,
                0,
                0.25,
                0.5,
                0.75,
                1,
                0.8944271909999159,
                0.8164965809277261,
                0.7559289460184544,
                0.7071067811865475,
                0.6666666666666666,
                0.6324555320336759,
                0.6030226891555273);
    }

    /// The same with `timescale=9`, and without warm-up, where transformers takes 10,000.
    @Test
    void inverseSquareRoot_ofOtherTimescales_matchesRecordedFactors() {
        assertFactors(
                new Schedule.InverseSquareRoot(9),
                4,
                12,
                0,
                0.25,
                0.5,
                0.75,
                1,
                0.9486832980505138,
                0.9045340337332908,
                0.8660254037844387,
                0.8320502943378437,
                0.8017837257372732,
                0.7745966692414834,
                0.75);
        assertFactors(
                new Schedule.InverseSquareRoot(0),
                0,
                5,
                1,
                0.9999500037496877,
                0.9999000149975006,
                0.9998500337415647,
                0.9998000599800072);
    }

    private static void assertFactors(
            Schedule schedule, long warmup, long total, double... recorded) {
        for (int step = 0; step < recorded.length; step++) {
            assertThat(schedule.factor(step, warmup, total))
                    .as("step %d", step)
                    .isCloseTo(recorded[step], within(1e-15));
        }
    }

    @Test
    void minimum_outsideItsRange_isRefused() {
        assertThatThrownBy(() -> new Schedule.Cosine(1.5)).hasMessageContaining("[0, 1]");
    }
}
