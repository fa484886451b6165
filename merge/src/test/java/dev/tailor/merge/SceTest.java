package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.tensors.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// SCE against the method written down in double precision, with sorting.
class SceTest {
    private static final MergeOptions OPTIONS = MergeOptions.standard();

    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource({
        "1,F32,3,100003",
        "1,BF16,3,100003",
        "0.5,F32,3,300001",
        "0.5,BF16,3,300001",
        "0.03,BF16,2,300001",
        "0.9,BF16,3,40001",
        "0.9,F16,2,40001",
        "0.5,F32,3,7",
        "0,BF16,2,1001",
        "0.001,BF16,2,11"
    })
    void sce_vector_isTheMethodInDoublePrecision(
            double share, DType type, int others, long elements) throws IOException {
        compare(OneTensor.random(directory, type, others, elements), share);
    }

    @ParameterizedTest
    @CsvSource({"1,BF16", "0.3,BF16", "0.3,F32"})
    void sce_matrixOfOddRows_isTheMethodInDoublePrecision(double share, DType type)
            throws IOException {
        compare(OneTensor.random(directory, type, 3, 613, 97), share);
    }

    private static void compare(OneTensor tensor, double share) throws IOException {
        float[] merged = tensor.merge("sce", "select_topk: " + share, OPTIONS);
        double[] expected = expected(tensor, share);
        tensor.assertNear(merged, i -> expected[i]);
    }

    private static double[] expected(OneTensor tensor, double share) {
        int models = tensor.models().size() - 1;
        boolean[] selected = selected(tensor, share);
        double[] energies = new double[models];
        for (int k = 0; k < models; k++) {
            for (int i = 0; i < selected.length; i++) {
                double d = selected[i] ? tensor.difference(k + 1, i) : 0;
                energies[k] += d * d / selected.length;
            }
        }
        double all = Arrays.stream(energies).sum();
        double[] expected = new double[selected.length];
        for (int i = 0; i < expected.length; i++) {
            double vote = 0;
            for (int k = 0; k < models; k++) {
                vote += tensor.difference(k + 1, i);
            }
            double sum = 0;
            double weights = 0;
            for (int k = 0; k < models && selected[i]; k++) {
                double d = tensor.difference(k + 1, i);
                double weight = all < 1e-6 ? 1.0 / models : energies[k] / all;
                boolean agrees = vote >= 0 ? d > 0 : d < 0;
                sum += agrees ? weight * d : 0;
                weights += agrees ? weight : 0;
            }
            expected[i] = tensor.model(0)[i] + sum / Math.max(weights, 1e-6);
        }
        return expected;
    }

    private static boolean[] selected(OneTensor tensor, double share) {
        boolean[] selected = new boolean[tensor.elements()];
        if (share >= 1) {
            Arrays.fill(selected, true);
            return selected;
        }
        // The largest variance first, and of equal ones the first.
        long[] order = new long[selected.length];
        int varying = 0;
        for (int i = 0; i < order.length; i++) {
            float variance = variance(tensor, i);
            varying += variance > 0 ? 1 : 0;
            order[i] = (long) -Float.floatToIntBits(variance) << 32 | i;
        }
        Arrays.sort(order);
        for (int i = 0; i < (int) (varying * (float) share); i++) {
            selected[(int) order[i]] = true;
        }
        return selected;
    }

    /// Of differences in single precision, rounded to it.
    private static float variance(OneTensor tensor, int i) {
        int models = tensor.models().size() - 1;
        double mean = 0;
        for (int k = 1; k <= models; k++) {
            mean += (float) tensor.difference(k, i);
        }
        mean /= models;
        double squares = 0;
        for (int k = 1; k <= models; k++) {
            double change = (float) tensor.difference(k, i) - mean;
            squares += change * change;
        }
        return (float) (squares / models);
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void sce_equalModels_variesNowhereSoNothingIsSelected(boolean compat) throws IOException {
        OneTensor one = OneTensor.random(directory, DType.BF16, 1, 41, 33);
        OneTensor same =
                new OneTensor(
                        directory,
                        DType.BF16,
                        one.shape(),
                        List.of(one.model(0), one.model(1), one.model(1)));
        MergeOptions options = OPTIONS.withCompat(compat);
        assertThat(same.merge("sce", "select_topk: 0.5", options)).isEqualTo(one.model(0));
        assertThat(one.merge("sce", "select_topk: 0.5", options)).isEqualTo(one.model(0));
    }

    @Test
    void sce_equalModelsWithoutSelection_isTheModel() throws IOException {
        OneTensor one = OneTensor.random(directory, DType.BF16, 1, 41, 33);
        OneTensor same =
                new OneTensor(
                        directory,
                        DType.BF16,
                        one.shape(),
                        List.of(one.model(0), one.model(1), one.model(1)));
        assertThat(same.merge("sce", "", OPTIONS)).isEqualTo(one.model(1));
    }

    @ParameterizedTest
    @CsvSource({"1,false", "0.4,false", "1,true", "0.4,true"})
    void sce_anyNumberOfThreads_sameBytes(double share, boolean compat) throws IOException {
        OneTensor tensor = OneTensor.random(directory, DType.BF16, 3, 300_001);
        MergeOptions options = OPTIONS.withCompat(compat);
        String parameters = "select_topk: " + share;
        float[] one = tensor.merge("sce", parameters, options.withThreads(1));
        assertThat(tensor.merge("sce", parameters, options.withThreads(5))).isEqualTo(one);
    }
}
