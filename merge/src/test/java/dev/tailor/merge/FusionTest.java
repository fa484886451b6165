package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.tensors.DType;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Arcee fusion against the method written down in double precision, with sorting.
class FusionTest {
    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource({
        "BF16,613,97",
        "F32,613,97",
        "F32,4001,301",
        "BF16,2,40001",
        "BF16,1,100003",
        "F16,3,5",
        "F32,2,2",
        "BF16,2003,2"
    })
    void fusion_matrix_isTheMethodInDoublePrecision(DType type, long rows, long columns)
            throws IOException {
        compare(OneTensor.random(directory, type, 1, rows, columns), (int) columns);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "1001", "70001"})
    void fusion_vector_isOneRow(int elements) throws IOException {
        compare(OneTensor.random(directory, DType.F32, 1, elements), elements);
    }

    private static void compare(OneTensor tensor, int columns) throws IOException {
        float[] merged = tensor.merge("arcee_fusion", "", MergeOptions.standard());
        double[] importance = importance(tensor, columns);
        double[] sorted = importance.clone();
        Arrays.sort(sorted);
        int last = sorted.length - 1;
        double range = sorted[(int) (0.75 * last)] - sorted[(int) (0.25 * last)];
        double threshold = sorted[(int) (0.5 * last)] + 1.5 * range;
        tensor.assertNear(
                merged,
                i -> {
                    boolean near = Math.abs(importance[i] - threshold) <= 1e-5 * threshold;
                    float[] from = tensor.model(importance[i] >= threshold ? 1 : 0);
                    return near ? merged[i] : from[i];
                });
        assertThat(Arrays.stream(importance).max().orElseThrow()).isGreaterThanOrEqualTo(threshold);
    }

    private static double[] importance(OneTensor tensor, int columns) {
        double[] importance = new double[tensor.elements()];
        for (int row = 0; row < importance.length; row += columns) {
            double[] q = probabilities(tensor.model(0), row, columns);
            double[] p = probabilities(tensor.model(1), row, columns);
            double divergence = 0;
            for (int i = 0; i < columns; i++) {
                divergence += p[i] * Math.log(p[i] / q[i]);
            }
            for (int i = row; i < row + columns; i++) {
                importance[i] = Math.abs(tensor.difference(1, i)) * divergence;
            }
        }
        return importance;
    }

    private static double[] probabilities(float[] x, int from, int n) {
        double[] p = new double[n];
        for (int i = 0; i < n; i++) {
            p[i] = Math.exp(x[from + i]);
        }
        double sum = Arrays.stream(p).sum();
        for (int i = 0; i < n; i++) {
            p[i] = p[i] / sum + 1e-8;
        }
        return p;
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void fusion_equalModels_isTheBase(boolean compat) throws IOException {
        OneTensor tensor = OneTensor.random(directory, DType.BF16, 0, 613, 97);
        OneTensor twice =
                new OneTensor(
                        directory,
                        tensor.type(),
                        tensor.shape(),
                        List.of(tensor.model(0), tensor.model(0)));
        MergeOptions options = MergeOptions.standard().withCompat(compat);
        assertThat(twice.merge("arcee_fusion", "", options)).isEqualTo(tensor.model(0));
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void fusion_anyNumberOfThreads_sameBytes(boolean compat) throws IOException {
        OneTensor tensor = OneTensor.random(directory, DType.BF16, 1, 4001, 97);
        MergeOptions options = MergeOptions.standard().withCompat(compat);
        float[] one = tensor.merge("arcee_fusion", "", options.withThreads(1));
        assertThat(tensor.merge("arcee_fusion", "", options.withThreads(5))).isEqualTo(one);
    }
}
