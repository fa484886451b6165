package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.tensors.DType;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;

/// RAM and RAM+ against the methods written down in double precision.
class RamTest {
    private static final float EPSILON = 0.015625f;

    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource({
        "0,0,BF16,3,300001",
        "0,0,F32,2,100003",
        "0.4,0.9,BF16,3,300001",
        "0.4,5,F32,2,100003",
        "0.4,0.9,F16,1,13",
        "-0.5,0.9,BF16,3,1001"
    })
    void ram_vector_isTheMethodInDoublePrecision(
            double r, double alpha, DType type, int others, long elements) throws IOException {
        compare(OneTensor.random(directory, type, others, elements), r, alpha);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0.4,0.9"})
    void ram_matrixOfOddRows_isTheMethodInDoublePrecision(double r, double alpha)
            throws IOException {
        compare(OneTensor.random(directory, DType.BF16, 3, 613, 97), r, alpha);
    }

    private static void compare(OneTensor tensor, double r, double alpha) throws IOException {
        float[] merged = merge(tensor, r, alpha, MergeOptions.standard());
        double[] growth = growth(tensor, r, alpha);
        tensor.assertNear(merged, i -> expected(tensor, growth, i));
    }

    private static double expected(OneTensor tensor, double[] growth, int i) {
        int touching = touching(tensor, i);
        double expected = tensor.model(0)[i];
        for (int k = 1; k < growth.length; k++) {
            if (touches(tensor, k, i)) {
                expected += tensor.difference(k, i) * (touching == 1 ? growth[k] : 1.0 / touching);
            }
        }
        return expected;
    }

    private static float[] merge(OneTensor tensor, double r, double alpha, MergeOptions options)
            throws IOException {
        return r == 0
                ? tensor.merge("ram", "epsilon: " + EPSILON, options)
                : tensor.merge(
                        "ramplus_tl",
                        "epsilon: %s, r: %s, alpha: %s".formatted(EPSILON, r, alpha),
                        options);
    }

    private static double[] growth(OneTensor tensor, double r, double alpha) {
        double[] growth = new double[tensor.models().size()];
        for (int k = 1; k < growth.length; k++) {
            double shared = 0;
            double unique = 0;
            for (int i = 0; i < tensor.elements(); i++) {
                if (touches(tensor, k, i)) {
                    shared += touching(tensor, i) > 1 ? 1 : 0;
                    unique += touching(tensor, i) == 1 ? 1 : 0;
                }
            }
            growth[k] = 1 + r * Math.min(shared / Math.max(unique, EPSILON), alpha);
        }
        return growth;
    }

    private static int touching(OneTensor tensor, int i) {
        int touching = 0;
        for (int k = 1; k < tensor.models().size(); k++) {
            touching += touches(tensor, k, i) ? 1 : 0;
        }
        return touching;
    }

    private static boolean touches(OneTensor tensor, int k, int i) {
        return Math.abs((float) tensor.difference(k, i)) > EPSILON;
    }

    @ParameterizedTest
    @CsvSource({"0,0,false", "0.4,0.9,false", "0,0,true", "0.4,0.9,true"})
    void ram_anyNumberOfThreads_sameBytes(double r, double alpha, boolean compat)
            throws IOException {
        OneTensor tensor = OneTensor.random(directory, DType.BF16, 3, 100_003);
        MergeOptions options = MergeOptions.standard().withCompat(compat);
        float[] one = merge(tensor, r, alpha, options.withThreads(1));
        assertThat(merge(tensor, r, alpha, options.withThreads(5))).isEqualTo(one);
    }
}
