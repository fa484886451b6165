package dev.tailor.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MetricTest {
    @Test
    void mean_zeroOneValues_hasBinomialStandardError() {
        Metric metric = Metric.mean("exact_match", new double[] {1, 0, 0, 1, 1}, true);
        assertThat(metric.value()).isCloseTo(0.6, within(1e-12));
        // sample standard deviation sqrt(0.3), over sqrt(5)
        assertThat(metric.standardError().getAsDouble()).isCloseTo(Math.sqrt(0.06), within(1e-12));
    }

    @Test
    void standardError_oneSample_isUnknown() {
        assertThat(Metric.mean("f1", new double[] {0.5}, true).standardError()).isEmpty();
    }

    @Test
    void standardErrorOfDifference_constantShift_isZero() {
        Metric base = Metric.mean("f1", new double[] {0.1, 0.5, 0.9}, true);
        Metric tuned = Metric.mean("f1", new double[] {0.2, 0.6, 1.0}, true);
        assertThat(tuned.standardErrorOfDifference(base).getAsDouble()).isCloseTo(0, within(1e-12));
    }

    @Test
    void perplexity_equalDocuments_isExactAndCertain() {
        Metric metric = Metric.perplexity("p", new double[] {-6, -12, -3}, new double[] {2, 4, 1});
        assertThat(metric.value()).isCloseTo(Math.exp(3), within(1e-9));
        assertThat(metric.standardError().getAsDouble()).isCloseTo(0, within(1e-9));
    }

    @Test
    void perplexity_equalLengths_matchesDeltaMethodOnMeans() {
        double[] logProbs = {-10, -14, -12, -20};
        Metric metric = Metric.perplexity("p", logProbs, new double[] {4, 4, 4, 4});
        Metric perToken = Metric.mean("m", new double[] {-2.5, -3.5, -3, -5}, true);
        assertThat(metric.value()).isCloseTo(Math.exp(3.5), within(1e-9));
        assertThat(metric.standardError().getAsDouble())
                .isCloseTo(Math.exp(3.5) * perToken.standardError().getAsDouble(), within(1e-9));
    }
}
