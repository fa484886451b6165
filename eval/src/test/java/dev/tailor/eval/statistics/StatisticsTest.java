package dev.tailor.eval.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.core.Seed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.random.RandomGenerator;

class StatisticsTest {
    /// SciPy 1.17's `binomtest(losses, wins + losses).pvalue`.
    @ParameterizedTest
    @CsvSource({
        "0, 0, 1",
        "1, 0, 1",
        "5, 1, 0.21875",
        "10, 2, 0.03857421875",
        "8, 8, 1",
        "30, 14, 0.022628841205914796",
        "400, 350, 0.07350777405843484",
        "5200, 5000, 0.04878796312682234",
        "0, 40, 1.8189894035458565e-12"
    })
    void mcNemar_pValue_isTheExactBinomialOne(int wins, int losses, double expected) {
        assertThat(new McNemar(wins, losses).pValue()).isCloseTo(expected, within(1e-10));
        assertThat(new McNemar(losses, wins).pValue()).isCloseTo(expected, within(1e-9));
    }

    /// By hand: sorted 0.005, 0.01, 0.03, 0.04, times 4, 3, 2, 1, never falling.
    @Test
    void holm_fourPValues_areMultipliedByRankAndNeverFall() {
        assertThat(Holm.adjusted(new double[] {0.01, 0.04, 0.03, 0.005}))
                .containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-15));
        assertThat(Holm.adjusted(new double[] {0.9, 0.8})).containsExactly(1, 1);
        assertThat(Holm.adjusted(new double[0])).isEmpty();
    }

    @Test
    void detectableDifference_ofStandardErrorOne_isTheSumOfTwoNormalQuantiles() {
        assertThat(DetectableDifference.of(1)).isCloseTo(2.8015852181, within(1e-9));
    }

    @Test
    void bootstrap_manyItems_agreesWithTheNormalInterval() {
        double[] deviations = deviations(1000, 0.1);
        double error = standardError(deviations);
        PairedBootstrap bootstrap = PairedBootstrap.of(0.1, deviations, new Seed(1));
        assertThat(bootstrap.low()).isCloseTo(0.1 - 1.96 * error, within(0.15 * error));
        assertThat(bootstrap.high()).isCloseTo(0.1 + 1.96 * error, within(0.15 * error));
        assertThat(bootstrap).isEqualTo(PairedBootstrap.of(0.1, deviations, new Seed(1)));
    }

    @Test
    void bootstrap_pValue_isSmallOnlyForDifferencesFarFromNothing() {
        double[] deviations = deviations(400, 0);
        double error = standardError(deviations);
        assertThat(PairedBootstrap.of(4 * error, deviations, new Seed(1)).pValue())
                .isLessThan(0.002);
        assertThat(PairedBootstrap.of(-4 * error, deviations, new Seed(1)).pValue())
                .isLessThan(0.002);
        assertThat(PairedBootstrap.of(1.96 * error, deviations, new Seed(1)).pValue())
                .isBetween(0.03, 0.07);
        assertThat(PairedBootstrap.of(0, new double[10], new Seed(1)).pValue()).isEqualTo(1);
    }

    @Test
    void sequentialTest_equalModels_areSeldomCalledDifferentHoweverOftenOneLooks() {
        RandomGenerator random = new Seed(7).generator();
        int decided = 0;
        for (int run = 0; run < 1000; run++) {
            SequentialTest test = new SequentialTest(0.05);
            for (int i = 0; i < 600 && !test.isDecided(); i++) {
                test.add(random.nextInt(3) - 1);
            }
            decided += test.isDecided() ? 1 : 0;
        }
        assertThat(decided).isBetween(1, 50);
    }

    @Test
    void sequentialTest_differentModels_areToldApartEarly() {
        RandomGenerator random = new Seed(8).generator();
        SequentialTest test = new SequentialTest(0.05);
        while (!test.isDecided() && test.items() < 2000) {
            double u = random.nextDouble();
            test.add(u < 0.35 ? 1 : u < 0.5 ? -1 : 0);
        }
        assertThat(test.isDecided()).isTrue();
        assertThat(test.items()).isLessThan(400);
        assertThat(test.pValue()).isLessThanOrEqualTo(0.05);
    }

    @Test
    void sequentialTest_differenceOutOfRange_isRefused() {
        assertThatThrownBy(() -> new SequentialTest(0.05).add(1.5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SequentialTest(0.05).add(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// Differences of -1, 0 and 1 minus their mean.
    private static double[] deviations(int n, double tilt) {
        RandomGenerator random = new Seed(3).generator();
        double[] deviations = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double u = random.nextDouble();
            deviations[i] = u < 0.2 + tilt ? 1 : u < 0.4 + tilt ? -1 : 0;
            sum += deviations[i];
        }
        for (int i = 0; i < n; i++) {
            deviations[i] -= sum / n;
        }
        return deviations;
    }

    private static double standardError(double[] deviations) {
        double squares = 0;
        for (double deviation : deviations) {
            squares += deviation * deviation;
        }
        int n = deviations.length;
        return Math.sqrt(squares / ((double) n * (n - 1)));
    }
}
