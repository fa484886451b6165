package dev.tailor.train.internal.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.train.Objective.Preference;
import dev.tailor.train.preference.Pair;
import dev.tailor.train.preference.Pair.Answer;
import dev.tailor.train.preference.PolicyLoss;
import dev.tailor.train.preference.Scale;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

class PairMetricsTest {
    private static Map<String, Double> means(Preference objective, List<Pair> pairs) {
        PairMetrics metrics = new PairMetrics();
        Scale scale = new Scale(objective.beta(), 1, 1);
        pairs.forEach(pair -> metrics.add(objective, pair, objective.loss().term(pair, scale)));
        return metrics.means("");
    }

    @Test
    void metrics_countPairsWhoseChosenRewardIsHigher() {
        Map<String, Double> means =
                means(
                        Preference.dpo(),
                        List.of(
                                new Pair(new Answer(-64, -66, 10), new Answer(-53, -52, 8)),
                                new Pair(new Answer(-44, -45, 7), new Answer(-71, -73, 11)),
                                new Pair(new Answer(-79, -78, 12), new Answer(-36, -38, 6))));

        // log-ratios: 2 against -1 (right), 1 against 2 and -1 against 2 (wrong)
        assertThat(means.get("rewards/accuracies")).isCloseTo(1.0 / 3, within(1e-12));
        assertThat(means.get("rewards/chosen")).isCloseTo(0.1 * 2 / 3, within(1e-12));
        assertThat(means.get("rewards/margins")).isCloseTo(0.1 * (2 - 3) / 3, within(1e-12));
    }

    @Test
    void rewards_ofSimPo_areMeansPerToken() {
        Map<String, Double> means =
                means(
                        new Preference(new PolicyLoss.SimPo(0.5, 0, 0), 2),
                        List.of(new Pair(new Answer(-20, 0, 10), new Answer(-12, 0, 4))));

        assertThat(means.get("rewards/chosen")).isEqualTo(-4);
        assertThat(means.get("rewards/rejected")).isEqualTo(-6);
        assertThat(means.get("rewards/accuracies")).isEqualTo(1);
    }
}
