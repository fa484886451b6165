package dev.tailor.merge.internal.svd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.tailor.core.Seed;
import dev.tailor.merge.RankRule;
import dev.tailor.merge.internal.kernel.Matrix;
import dev.tailor.merge.internal.kernel.MatrixKernels;
import dev.tailor.merge.internal.kernel.ScalarMatrixKernels;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;

class LowRankTest {
    private static final Seed SEED = new Seed(1);
    private static final MatrixKernels KERNELS = new ScalarMatrixKernels();

    @Test
    void product_matrixOfThatRank_isTheMatrix() {
        for (int[] shape : new int[][] {{60, 30}, {30, 60}, {300, 200}, {200, 300}}) {
            Matrix matrix = product(random(shape[0], 5, 1), random(5, shape[1], 2));
            LowRank lowRank = lowRank(matrix, new RankRule.Fixed(5));
            assertThat(lowRank.exact()).isEqualTo(shape[0] < 100);
            assertThat(difference(matrix, lowRank)).isLessThan(1e-6);
            assertThat(lowRank.keptEnergy()).isCloseTo(1, offset(1e-12));
        }
    }

    @Test
    void product_allTheEnergyWanted_recoversTheRank() {
        for (int rank : new int[] {1, 3, 11, 24}) {
            Matrix matrix = product(random(200, rank, 1), random(rank, 300, 2));
            LowRank lowRank = lowRank(matrix, new RankRule.Energy(1, 32));
            assertThat(lowRank.rank()).isEqualTo(rank);
            assertThat(difference(matrix, lowRank)).isLessThan(1e-6);
        }
    }

    @Test
    void product_fullRank_isTheMatrix() {
        for (int[] shape : new int[][] {{7, 30}, {30, 7}, {1, 9}, {8, 8}}) {
            Matrix matrix = random(shape[0], shape[1], 3);
            LowRank lowRank = lowRank(matrix, new RankRule.Fixed(100));
            assertThat(lowRank.rank()).isEqualTo(Math.min(shape[0], shape[1]));
            assertThat(difference(matrix, lowRank)).isLessThan(1e-6);
        }
    }

    @Test
    void product_flatSpectrum_isNearlyTheBestOfItsRank() {
        Matrix matrix = random(120, 180, 4);
        double[] energies = energies(matrix);
        double best = Math.sqrt(1 - Arrays.stream(energies, 0, 8).sum() / sum(energies));
        LowRank lowRank = lowRank(matrix, new RankRule.Fixed(8));
        assertThat(lowRank.exact()).isFalse();
        assertThat(difference(matrix, lowRank)).isBetween(best * (1 - 1e-6), best * 1.002);
        assertThat(Math.sqrt(1 - lowRank.keptEnergy()))
                .isCloseTo(difference(matrix, lowRank), offset(1e-6));
        assertThat(lowRank.largestSingularValue())
                .isBetween(0.99 * Math.sqrt(energies[0]), 1.000001 * Math.sqrt(energies[0]));
    }

    @Test
    void product_shareOfTheEnergy_hasTheSmallestRankThatKeepsIt() {
        // Singular values fall by a third each: their energies are 8/9, 8/81, ... of the whole.
        Matrix matrix = falling(200, 300, 1.0 / 3);
        assertThat(rankFor(matrix, 0.5)).isEqualTo(1);
        assertThat(rankFor(matrix, 0.88)).isEqualTo(1);
        assertThat(rankFor(matrix, 0.89)).isEqualTo(2);
        assertThat(rankFor(matrix, 0.98)).isEqualTo(2);
        assertThat(rankFor(matrix, 0.99)).isEqualTo(3);
        LowRank capped = lowRank(matrix, new RankRule.Energy(0.99, 2));
        assertThat(capped.rank()).isEqualTo(2);
        assertThat(capped.keptEnergy()).isCloseTo(80.0 / 81, offset(1e-6));
    }

    @Test
    void product_zeroMatrix_isZero() {
        LowRank lowRank = lowRank(new Matrix(6, 5, new float[30]), new RankRule.Fixed(2));
        assertThat(lowRank.left().values()).containsOnly(0);
        assertThat(lowRank.right().values()).containsOnly(0);
        assertThat(lowRank.keptEnergy()).isEqualTo(1);
    }

    @Test
    void product_sameSeed_sameNumbers() {
        Matrix matrix = random(130, 120, 5);
        assertThat(lowRank(matrix, new RankRule.Fixed(3)).left().values())
                .isEqualTo(lowRank(matrix, new RankRule.Fixed(3)).left().values());
    }

    private static LowRank lowRank(Matrix matrix, RankRule rule) {
        return LowRank.of(matrix, rule, SEED, KERNELS);
    }

    private static int rankFor(Matrix matrix, double share) {
        return lowRank(matrix, new RankRule.Energy(share, 32)).rank();
    }

    /// By EJML's own decomposition, largest first.
    private static double[] energies(Matrix matrix) {
        DMatrixRMaj numbers = new DMatrixRMaj(matrix.rows(), matrix.columns());
        for (int i = 0; i < matrix.values().length; i++) {
            numbers.data[i] = matrix.values()[i];
        }
        SingularValueDecomposition_F64<DMatrixRMaj> svd =
                DecompositionFactory_DDRM.svd(matrix.rows(), matrix.columns(), false, false, false);
        svd.decompose(numbers);
        return Arrays.stream(svd.getSingularValues())
                .map(value -> -value * value)
                .sorted()
                .map(value -> -value)
                .toArray();
    }

    private static double sum(double[] values) {
        return Arrays.stream(values).sum();
    }

    /// A matrix with singular values 1, ratio, ratio^2, ... along unit vectors.
    private static Matrix falling(int rows, int columns, double ratio) {
        float[] values = new float[rows * columns];
        for (int k = 0; k < 20; k++) {
            values[(rows - 1 - 3 * k) * columns + 5 * k] = (float) Math.pow(ratio, k);
        }
        return new Matrix(rows, columns, values);
    }

    private static double difference(Matrix matrix, LowRank lowRank) {
        Matrix product = product(lowRank.left(), lowRank.right());
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
