package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.tensors.DType;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;

/// NearSwap against the method written down in double precision.
class NearswapTest {
    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource({"0.01,BF16", "0.01,F32", "0.01,F16", "-1,BF16", "100,BF16", "0.000001,F32"})
    void nearswap_matrixOfOddRows_isTheMethodInDoublePrecision(double t, DType type)
            throws IOException {
        OneTensor tensor = OneTensor.random(directory, type, 1, 613, 97);
        float[] merged = tensor.merge("nearswap", "t: " + t, MergeOptions.standard());
        tensor.assertNear(
                merged,
                i -> {
                    double distance = Math.max(Math.abs(tensor.difference(1, i)), 1e-6);
                    double share = Math.clamp(t / distance, 0, 1);
                    return share * tensor.model(1)[i] + (1 - share) * tensor.model(0)[i];
                });
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void nearswap_tIsZero_isTheBase(boolean compat) throws IOException {
        OneTensor tensor = OneTensor.random(directory, DType.BF16, 1, 1001);
        MergeOptions options = MergeOptions.standard().withCompat(compat);
        assertThat(tensor.merge("nearswap", "t: 0", options)).isEqualTo(tensor.model(0));
    }
}
