package dev.tailor.merge.internal.svd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.tailor.core.Seed;

import org.junit.jupiter.api.Test;

import java.util.Random;

class LowRankTest {
    private static final Seed SEED = new Seed(1);

    @Test
    void product_matrixOfThatRank_isTheMatrix() {
        Matrix matrix = product(random(60, 5, 1), random(5, 40, 2));
        LowRank lowRank = LowRank.of(matrix, 5, SEED);
        assertThat(difference(matrix, lowRank)).isLessThan(1e-6);
        assertThat(lowRank.error()).isLessThan(1e-6);
    }

    @Test
    void product_fullRank_isTheMatrix() {
        for (int[] shape : new int[][] {{7, 30}, {30, 7}, {1, 9}, {8, 8}}) {
            Matrix matrix = random(shape[0], shape[1], 3);
            LowRank lowRank = LowRank.of(matrix, 100, SEED);
            assertThat(lowRank.rank()).isEqualTo(Math.min(shape[0], shape[1]));
            assertThat(difference(matrix, lowRank)).isLessThan(1e-6);
        }
    }

    @Test
    void product_flatSpectrum_isNearlyTheBestOfItsRank() {
        Matrix matrix = random(120, 80, 4);
        double best = bestError(matrix, 8);
        LowRank lowRank = LowRank.of(matrix, 8, SEED);
        assertThat(difference(matrix, lowRank)).isLessThan(best * 1.002);
        assertThat(lowRank.error()).isCloseTo(difference(matrix, lowRank), offset(1e-6));
    }

    @Test
    void product_zeroMatrix_isZero() {
        LowRank lowRank = LowRank.of(new Matrix(6, 5, new float[30]), 2, SEED);
        assertThat(lowRank.left()).containsOnly(0);
        assertThat(lowRank.right()).containsOnly(0);
        assertThat(lowRank.error()).isZero();
    }

    @Test
    void product_sameSeed_sameNumbers() {
        Matrix matrix = random(30, 20, 5);
        assertThat(LowRank.of(matrix, 3, SEED).left())
                .isEqualTo(LowRank.of(matrix, 3, SEED).left());
    }

    /// From the exact singular values.
    private static double bestError(Matrix matrix, int rank) {
        Columns transposed = new Columns(matrix.rows(), matrix.columns());
        for (int i = 0; i < matrix.values().length; i++) {
            transposed.values()[i] = matrix.values()[i];
        }
        double[] r = transposed.orthonormalize();
        double[] singular = SmallSvd.of(matrix.columns(), r).singular();
        double all = 0;
        double left = 0;
        for (int i = 0; i < singular.length; i++) {
            all += singular[i] * singular[i];
            left += i < rank ? 0 : singular[i] * singular[i];
        }
        return Math.sqrt(left / all);
    }

    private static double difference(Matrix matrix, LowRank lowRank) {
        Matrix product =
                product(
                        new Matrix(matrix.rows(), lowRank.rank(), lowRank.left()),
                        new Matrix(lowRank.rank(), matrix.columns(), lowRank.right()));
        double sum = 0;
        double all = 0;
        for (int i = 0; i < matrix.values().length; i++) {
            sum += Math.pow(matrix.values()[i] - product.values()[i], 2);
            all += Math.pow(matrix.values()[i], 2);
        }
        return Math.sqrt(sum / all);
    }

    private static Matrix product(Matrix a, Matrix b) {
        float[] values = new float[a.rows() * b.columns()];
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < b.columns(); j++) {
                double sum = 0;
                for (int k = 0; k < a.columns(); k++) {
                    sum +=
                            (double) a.values()[i * a.columns() + k]
                                    * b.values()[k * b.columns() + j];
                }
                values[i * b.columns() + j] = (float) sum;
            }
        }
        return new Matrix(a.rows(), b.columns(), values);
    }

    private static Matrix random(int rows, int columns, long seed) {
        Random random = new Random(seed);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new Matrix(rows, columns, values);
    }
}
