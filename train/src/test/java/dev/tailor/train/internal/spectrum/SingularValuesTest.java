package dev.tailor.train.internal.spectrum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.core.Seed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.random.RandomGenerator;

class SingularValuesTest {
    @Test
    void values_ofDiagonalMatrix_areItsEntriesDescending() {
        float[] matrix = {3, 0, 0, 0, 0, 7, 0, 0, 0, 0, 5, 0};

        assertThat(SingularValues.of(matrix, 3, 4)).containsExactly(new double[] {7, 5, 3}, at());
    }

    @Test
    void values_ofOneRow_areItsNorm() {
        assertThat(SingularValues.of(new float[] {3, 4}, 1, 2))
                .containsExactly(new double[] {5}, at());
        assertThat(SingularValues.of(new float[] {3, 4}, 2, 1))
                .containsExactly(new double[] {5}, at());
    }

    /// Sizes around the edges of lanes, blocks and panels.
    @ParameterizedTest
    @CsvSource({
        "1,1", "2,3", "3,2", "4,4", "5,7", "7,8", "8,9", "9,17", "16,16", "17,33", "31,32", "33,65",
        "64,32", "67,131", "12,1030"
    })
    void values_keepTraceAndFourthMoment(int rows, int columns) {
        float[] matrix = random(rows, columns);

        double[] values = SingularValues.of(matrix, rows, columns);

        double squares = 0;
        double fourths = 0;
        for (double value : values) {
            squares += value * value;
            fourths += value * value * value * value;
        }
        assertThat(values)
                .hasSize(Math.min(rows, columns))
                .isSortedAccordingTo((a, b) -> Double.compare(b, a));
        assertThat(squares).isCloseTo(frobenius(matrix, rows, columns), within(1e-9 * squares));
        assertThat(fourths).isCloseTo(gramFrobenius(matrix, rows, columns), within(1e-9 * fourths));
    }

    /// A product of known rank has exactly that many values that are not (numerically) zero.
    @Test
    void values_ofLowRankProduct_endAfterTheRank() {
        int n = 40;
        float[] matrix = new float[n * n];
        float[] left = random(n, 3);
        float[] right = random(3, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int k = 0; k < 3; k++) {
                    matrix[i * n + j] += left[i * 3 + k] * right[k * n + j];
                }
            }
        }

        double[] values = SingularValues.of(matrix, n, n);

        assertThat(values[2]).isGreaterThan(0.1);
        assertThat(values[3]).isLessThan(1e-5);
    }

    @Test
    void values_ofHilbertMatrix_matchKnownOnes() {
        int n = 4;
        float[] hilbert = new float[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                hilbert[i * n + j] = 1f / (i + j + 1);
            }
        }

        double[] values = SingularValues.of(hilbert, n, n);

        // eigenvalues of the 4 x 4 Hilbert matrix
        assertThat(values[0]).isCloseTo(1.5002142800592428, within(1e-6));
        assertThat(values[1]).isCloseTo(0.1691412202214499, within(1e-6));
        assertThat(values[2]).isCloseTo(0.0067382736057607, within(1e-6));
        assertThat(values[3]).isCloseTo(0.0000967023040226, within(1e-6));
    }

    private static org.assertj.core.data.Offset<Double> at() {
        return within(1e-12);
    }

    private static float[] random(int rows, int columns) {
        RandomGenerator random = new Seed(7).of("matrix", 1000L * rows + columns).generator();
        float[] matrix = new float[rows * columns];
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] = (float) random.nextGaussian();
        }
        return matrix;
    }

    private static double frobenius(float[] a, int rows, int columns) {
        double sum = 0;
        for (int i = 0; i < rows * columns; i++) {
            sum += (double) a[i] * a[i];
        }
        return sum;
    }

    private static double gramFrobenius(float[] a, int rows, int columns) {
        double sum = 0;
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
                double dot = 0;
                for (int k = 0; k < columns; k++) {
                    dot += (double) a[i * columns + k] * a[j * columns + k];
                }
                sum += dot * dot;
            }
        }
        return sum;
    }
}
