package dev.tailor.train.internal.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.train.Objective.Preference;
import dev.tailor.train.PreferenceLoss;
import dev.tailor.train.internal.objective.Pair.Answer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.stream.Stream;

class PairTermTest {
    /// Three pairs: sums of log-probabilities under policy and reference, recorded with the golden
    /// preference batch (see README.md beside the golden files).
    private static final List<Pair> GOLDEN =
            List.of(
                    new Pair(
                            new Answer(-64.797028, -66.849868, 10),
                            new Answer(-53.588417, -52.348938, 8)),
                    new Pair(
                            new Answer(-44.102112, -45.013267, 7),
                            new Answer(-71.703804, -72.847752, 11)),
                    new Pair(
                            new Answer(-79.886124, -78.556961, 12),
                            new Answer(-36.652176, -38.253471, 6)));

    private static double meanLoss(Preference objective) {
        PairMetrics metrics = new PairMetrics();
        GOLDEN.forEach(pair -> metrics.add(objective, pair, PairTerm.of(objective, pair)));
        return metrics.meanLoss();
    }

    @Test
    void sigmoid_onGoldenBatch_matchesRecordedLoss() {
        assertThat(meanLoss(new Preference(new PreferenceLoss.Sigmoid(0), 0.1)))
                .isCloseTo(0.6990798, within(1e-5));
        assertThat(meanLoss(new Preference(new PreferenceLoss.Sigmoid(0), 0.5)))
                .isCloseTo(0.8674719, within(1e-5));
    }

    @Test
    void smoothedSigmoid_onGoldenBatch_matchesRecordedLoss() {
        assertThat(meanLoss(new Preference(new PreferenceLoss.Sigmoid(0.1), 0.1)))
                .isCloseTo(0.6995103, within(1e-5));
    }

    @Test
    void hinge_onGoldenBatch_matchesRecordedLoss() {
        assertThat(meanLoss(new Preference(new PreferenceLoss.Hinge(), 0.1)))
                .isCloseTo(0.9956965, within(1e-5));
    }

    @Test
    void ipo_onGoldenBatch_matchesRecordedLoss() {
        assertThat(meanLoss(new Preference(new PreferenceLoss.Ipo(), 0.1)))
                .isCloseTo(25.0618668, within(1e-4));
    }

    static Stream<Preference> everyLoss() {
        return Stream.of(
                new Preference(new PreferenceLoss.Sigmoid(0), 0.1),
                new Preference(new PreferenceLoss.Sigmoid(0.2), 0.7),
                new Preference(new PreferenceLoss.Hinge(), 0.3),
                new Preference(new PreferenceLoss.Ipo(), 0.2));
    }

    @ParameterizedTest
    @MethodSource("everyLoss")
    void slopes_matchFiniteDifferences(Preference objective) {
        double step = 1e-5;
        for (Pair pair : GOLDEN) {
            PairTerm term = PairTerm.of(objective, pair);

            double chosen =
                    (PairTerm.of(objective, moved(pair, step, 0)).loss()
                                    - PairTerm.of(objective, moved(pair, -step, 0)).loss())
                            / (2 * step);
            double rejected =
                    (PairTerm.of(objective, moved(pair, 0, step)).loss()
                                    - PairTerm.of(objective, moved(pair, 0, -step)).loss())
                            / (2 * step);

            assertThat(term.chosenSlope()).isCloseTo(chosen, within(1e-7));
            assertThat(term.rejectedSlope()).isCloseTo(rejected, within(1e-7));
        }
    }

    @Test
    void sigmoid_farFromTheReference_staysFinite() {
        Preference objective = Preference.dpo();
        Pair lost = new Pair(new Answer(-1e6, 0, 3), new Answer(0, -1e6, 3));
        Pair won = new Pair(new Answer(0, -1e6, 3), new Answer(-1e6, 0, 3));

        assertThat(PairTerm.of(objective, lost).loss()).isCloseTo(2e5, within(1e-6));
        assertThat(PairTerm.of(objective, lost).chosenSlope()).isEqualTo(-0.1);
        assertThat(PairTerm.of(objective, won).loss()).isZero();
        assertThat(PairTerm.of(objective, won).chosenSlope()).isZero();
    }

    @Test
    void metrics_countPairsWhoseChosenRewardIsHigher() {
        Preference objective = Preference.dpo();
        PairMetrics metrics = new PairMetrics();
        GOLDEN.forEach(pair -> metrics.add(objective, pair, PairTerm.of(objective, pair)));

        // log-ratios: 2.05 against -1.24 (right), 0.91 against 1.14 and -1.33 against 1.60 (wrong)
        assertThat(metrics.means("").get("rewards/accuracies")).isCloseTo(1.0 / 3, within(1e-12));
        assertThat(metrics.means("").get("rewards/chosen"))
                .isCloseTo(0.1 * (2.05284 + 0.911155 - 1.329163) / 3, within(1e-9));
    }

    private static Pair moved(Pair pair, double chosen, double rejected) {
        return new Pair(moved(pair.chosen(), chosen), moved(pair.rejected(), rejected));
    }

    private static Answer moved(Answer answer, double by) {
        return new Answer(answer.policy() + by, answer.reference(), answer.tokens());
    }
}
