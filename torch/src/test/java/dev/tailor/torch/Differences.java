package dev.tailor.torch;

import static org.assertj.core.api.Assertions.assertThat;

/// Comparisons of arrays of numbers.
final class Differences {
    private Differences() {}

    static double largest(float[] a, float[] b) {
        assertThat(a).hasSameSizeAs(b);
        double worst = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = Math.abs(a[i] - b[i]);
            worst = difference <= worst ? worst : difference;
        }
        return worst;
    }

    /// The largest difference over the largest value of what is expected.
    static double relative(float[] actual, float[] expected) {
        double scale = 0;
        for (float value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        return largest(actual, expected) / scale;
    }

    /// Coefficients of the mean negative log-likelihood over scored positions.
    static float[] meanCoefficients(PackedBatch batch) {
        float[] coefficients = new float[batch.size()];
        java.util.Arrays.fill(coefficients, -1f / batch.scored());
        return coefficients;
    }

    static double meanLoss(PackedBatch batch, float[] logProbs) {
        double sum = 0;
        for (float value : logProbs) {
            sum -= value;
        }
        return sum / batch.scored();
    }
}
