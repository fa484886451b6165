package dev.tailor.merge.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import jdk.incubator.vector.FloatVector;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/// The vector kernels against their scalar twins.
class MergeKernelsTest {
    private static final int LANES = FloatVector.SPECIES_PREFERRED.length();

    private final MergeKernels scalar = new ScalarKernels();
    private final MergeKernels vector = new VectorKernels();

    static IntStream sizes() {
        return IntStream.of(0, 1, LANES - 1, LANES, LANES + 1, 3 * LANES + 2, 10_000);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void weightedSum_vectorAndScalar_sameBits(int n) {
        float[][] x = numbers(3, n);
        float[] w = {0.7f, -0.2f, 0.4f};
        float[] expected = new float[n];
        float[] actual = new float[n];
        scalar.weightedSum(x, w, expected, n);
        vector.weightedSum(x, w, actual, n);
        assertThat(actual).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void taskArithmetic_vectorAndScalar_sameBits(int n) {
        float[][] x = numbers(3, n);
        float[] base = numbers(4, n)[3];
        float[] w = {0.7f, -0.2f, 0.4f};
        float[] expected = new float[n];
        float[] actual = new float[n];
        scalar.taskArithmetic(base, x, w, 0.9f, 1.3f, expected, n);
        vector.taskArithmetic(base, x, w, 0.9f, 1.3f, actual, n);
        assertThat(actual).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void taskArithmetic_fusedAndInSteps_sameBits(int n) {
        float[][] x = numbers(3, n);
        float[] base = numbers(4, n)[3];
        float[] w = {0.7f, -0.2f, 0.4f};
        float[] expected = new float[n];
        float[] actual = new float[n];
        vector.taskArithmetic(base, x, w, 0.9f, 1.3f, expected, n);
        for (float[] each : x) {
            vector.subtract(each, base, n);
        }
        vector.weightedSum(x, w, actual, n);
        vector.divide(actual, 0.9f, n);
        vector.scale(actual, 1.3f, n);
        vector.add(base, actual, n);
        assertThat(actual).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void consensus_vectorAndScalar_sameBits(int n) {
        float[] w = {0.7f, -0.2f, 0.4f};
        float[] expected = new float[n];
        float[] actual = new float[n];
        float[] expectedWeights = new float[n];
        float[] actualWeights = new float[n];
        scalar.consensus(numbers(3, n), w, expected, expectedWeights, n);
        vector.consensus(numbers(3, n), w, actual, actualWeights, n);
        assertThat(actual).isEqualTo(expected);
        assertThat(actualWeights).isEqualTo(expectedWeights);
        scalar.divide(expected, expectedWeights, n);
        vector.divide(actual, actualWeights, n);
        assertThat(actual).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void eraseMinority_vectorAndScalar_sameBits(int n) {
        float[] w = {0.7f, 0.2f, 0.4f};
        float[][] expected = numbers(3, n);
        float[][] actual = numbers(3, n);
        float[] expectedWeights = new float[n];
        float[] actualWeights = new float[n];
        scalar.eraseMinority(expected, w, expectedWeights, n);
        vector.eraseMinority(actual, w, actualWeights, n);
        assertThat(actual).isDeepEqualTo(expected);
        assertThat(actualWeights).isEqualTo(expectedWeights);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void variance_vectorAndScalar_sameBits(int n) {
        float[] expected = new float[n];
        float[] actual = new float[n];
        scalar.variance(numbers(3, n), expected, n);
        vector.variance(numbers(3, n), actual, n);
        assertThat(actual).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void variance_equalNumbers_isZero(int n) {
        float[] x = numbers(1, n)[0];
        for (int i = 0; i < n; i++) {
            x[i] /= 3;
        }
        float[] variance = new float[n];
        vector.variance(new float[][] {x, x, x}, variance, n);
        assertThat(variance).isEqualTo(new float[n]);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void keepWhere_vectorAndScalar_sameBits(int n) {
        float[][] expected = numbers(2, n);
        float[][] actual = numbers(2, n);
        scalar.keepWhere(expected[0], expected[1], n);
        vector.keepWhere(actual[0], actual[1], n);
        assertThat(actual).isDeepEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void touched_vectorAndScalar_sameBits(int n) {
        float[][] expected = numbers(3, n);
        float[][] actual = numbers(3, n);
        float[] expectedCounts = new float[n];
        float[] actualCounts = new float[n];
        scalar.touched(expected, 0.5f, expectedCounts, n);
        vector.touched(actual, 0.5f, actualCounts, n);
        assertThat(actual).isDeepEqualTo(expected);
        assertThat(actualCounts).isEqualTo(expectedCounts);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void keepBetween_vectorAndScalar_sameBits(int n) {
        int low = Float.floatToRawIntBits(0.25f);
        int high = Float.floatToRawIntBits(1.5f);
        float[] expected = numbers(1, n)[0];
        float[] actual = expected.clone();
        scalar.keepBetween(expected, low, high, n);
        vector.keepBetween(actual, low, high, n);
        assertThat(actual).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void keepRandomly_vectorAndScalar_sameBitsWhereverATileBegins(int n) {
        RandomBits random = RandomBits.of(42, "model.norm.weight", 1);
        for (long first : new long[] {0, 7, 1L << 33}) {
            for (double probability : new double[] {0, 0.3, 0.999, 1}) {
                float[] expected = new float[n];
                Arrays.fill(expected, 1);
                float[] actual = expected.clone();
                long chance = RandomBits.chance(probability);
                scalar.keepRandomly(expected, random, first, chance, n);
                vector.keepRandomly(actual, random, first, chance, n);
                assertThat(actual).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void norm1_vectorAndScalar_agreeToDoublePrecision(int n) {
        float[] x = numbers(1, n)[0];
        assertThat(vector.norm1(x, n)).isCloseTo(scalar.norm1(x, n), offset(1e-10 * (n + 1)));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void dot_vectorAndScalar_agreeToDoublePrecision(int n) {
        float[][] x = numbers(2, n);
        assertThat(vector.dot(x[0], x[1], n))
                .isCloseTo(scalar.dot(x[0], x[1], n), offset(1e-10 * (n + 1)));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void gram_vectorAndScalar_agreeToDoublePrecision(int n) {
        for (int inputs = 1; inputs <= 5; inputs++) {
            float[][] x = numbers(inputs, n + 5);
            double[] expected = scalar.gram(x, 3, n + 3);
            double[] actual = vector.gram(x, 3, n + 3);
            assertThat(actual).hasSize(inputs * (inputs + 1) / 2);
            assertThat(actual).containsExactly(expected, offset(1e-10 * (n + 1)));
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void squares_vectorAndScalar_agreeToDoublePrecision(int n) {
        float[][] x = numbers(2, n);
        assertThat(vector.squares(x[0], n))
                .isCloseTo(scalar.squares(x[0], n), offset(1e-10 * (n + 1)));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void gram_threeInputs_isProductsOfTheFirstAndOfDifferencesToIt(int n) {
        float[][] x = numbers(3, n);
        double[] products = vector.gram(x, 0, n);
        vector.subtract(x[1], x[0], n);
        vector.subtract(x[2], x[0], n);
        int next = 0;
        for (int i = 0; i < 3; i++) {
            for (int j = i; j < 3; j++) {
                assertThat(products[next++])
                        .isCloseTo(scalar.dot(x[i], x[j], n), offset(1e-10 * (n + 1)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void combination_vectorAndScalar_sameBits(int n) {
        float[][] x = numbers(3, n + 5);
        float[] c = {0.7f, -0.2f, 0.4f};
        float[] expected = new float[n + 5];
        float[] actual = new float[n + 5];
        scalar.combination(x, c, expected, 3, n + 3);
        vector.combination(x, c, actual, 3, n + 3);
        assertThat(actual).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void divergence_vectorAndScalar_agreeToDoublePrecision(int n) {
        for (float nearness : new float[] {0, 1e-6f, 1e-3f, 0.1f, 3, 800}) {
            float[][] x = numbers(2, n + 3);
            for (int i = 0; i < n + 3; i++) {
                x[1][i] = x[0][i] + x[1][i] * nearness;
            }
            double expected = divergence(scalar, x, n);
            assertThat(divergence(vector, x, n))
                    .isCloseTo(expected, offset(1e-9 * expected + 1e-20));
            assertThat(expected).isCloseTo(naiveDivergence(x[0], x[1], n), offset(1e-12));
        }
    }

    private static double divergence(MergeKernels kernels, float[][] x, int n) {
        return kernels.divergence(x[0], x[1], 3, n, new double[n], new double[n]);
    }

    /// As it is defined, which cancels where both are near.
    private static double naiveDivergence(float[] x, float[] y, int n) {
        double sum = 0;
        double[] p = softmax(x, n);
        double[] q = softmax(y, n);
        for (int i = 0; i < n; i++) {
            double each = p[i] + MergeKernels.LEAST_PROBABILITY;
            sum += each * Math.log(each / (q[i] + MergeKernels.LEAST_PROBABILITY));
        }
        return sum;
    }

    private static double[] softmax(float[] x, int n) {
        double[] p = new double[n];
        double max = IntStream.range(0, n).mapToDouble(i -> x[i + 3]).max().orElse(0);
        for (int i = 0; i < n; i++) {
            p[i] = Math.exp(x[i + 3] - max);
        }
        double sum = Arrays.stream(p).sum();
        return Arrays.stream(p).map(each -> each / sum).toArray();
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void collect_vectorAndScalar_sameBits(int n) {
        float[] x = numbers(1, n)[0];
        for (float[] bracket : new float[][] {{0.25f, 0.5f}, {0, 100}, {1, 0.5f}}) {
            int low = Float.floatToRawIntBits(bracket[0]);
            int high = Float.floatToRawIntBits(bracket[1]);
            int[] expected = new int[n];
            int[] actual = new int[n];
            int count = scalar.collect(x, low, high, expected, n);
            assertThat(vector.collect(x, low, high, actual, n)).isEqualTo(count);
            assertThat(Arrays.copyOf(actual, count)).isEqualTo(Arrays.copyOf(expected, count));
            assertThat(vector.countAbove(x, high, n)).isEqualTo(scalar.countAbove(x, high, n));
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void countsOfSigns_vectorAndScalar_areEqual(int n) {
        float[][] x = numbers(3, n);
        assertThat(vector.countShared(x, n)).isEqualTo(scalar.countShared(x, n));
        assertThat(vector.countConflicts(x, n)).isEqualTo(scalar.countConflicts(x, n));
    }

    /// Rounded to eighths, so that equal numbers and differences of 0 occur.
    private static float[][] numbers(int arrays, int n) {
        Random random = new Random(7);
        float[][] x = new float[arrays][n];
        for (float[] each : x) {
            for (int i = 0; i < n; i++) {
                each[i] = Math.round(random.nextGaussian() * 8) / 8f;
            }
        }
        return x;
    }
}
