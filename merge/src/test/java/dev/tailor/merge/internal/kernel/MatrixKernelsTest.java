package dev.tailor.merge.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.incubator.vector.FloatVector;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Random;
import java.util.stream.IntStream;

/// The vector kernels against their scalar twins.
class MatrixKernelsTest {
    private static final int LANES = FloatVector.SPECIES_PREFERRED.length();

    private final MatrixKernels scalar = new ScalarMatrixKernels();
    private final MatrixKernels vector = new VectorMatrixKernels();

    static IntStream sizes() {
        return IntStream.of(0, 1, LANES - 1, LANES, LANES + 1, 2 * LANES, 5 * LANES + 3, 300);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void add_vectorAndScalar_sameBits(int columns) {
        for (int rows : new int[] {0, 1, 3, 4, 9}) {
            for (int rank : new int[] {1, 5, 16}) {
                LowRankProduct product =
                        new LowRankProduct(
                                matrix(rows + 2, rank, 1), matrix(rank, columns + 3, 2), 0.37f);
                LowRankProduct.Block block = new LowRankProduct.Block(1, rows, 2, columns + 2);
                float[] expected = matrix(1, rows * columns + 5, 3).values();
                float[] actual = expected.clone();
                scalar.add(product, block, expected, 4);
                vector.add(product, block, actual, 4);
                assertThat(actual).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void multiply_vectorAndScalar_sameBits(int width) {
        for (int rows : new int[] {0, 1, 4, 11}) {
            Matrix matrix = matrix(rows, 33, 4);
            double[] x = new Random(5).doubles((long) 33 * width).toArray();
            double[] expected = new double[rows * width];
            double[] actual = new double[rows * width];
            java.util.Arrays.fill(actual, 7);
            scalar.multiply(matrix, x, width, expected);
            vector.multiply(matrix, x, width, actual);
            assertThat(actual).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void transposed_twice_isTheMatrix(int columns) {
        Matrix matrix = matrix(37, columns, 6);
        assertThat(matrix.transposed().rows()).isEqualTo(columns);
        assertThat(matrix.transposed().transposed().values()).isEqualTo(matrix.values());
    }

    private static Matrix matrix(int rows, int columns, long seed) {
        Random random = new Random(seed);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new Matrix(rows, columns, values);
    }
}
