package dev.tailor.torch.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MatrixProductTest {
    /// Half a unit in the last place of bfloat16 is at most a share of 2⁻⁸.
    private static final double ROUNDING = 1.0 / 256;

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 17, 64})
    void linear_bfloat16_isTheFloatProductRoundedOnce(int rows) {
        Native.load();
        try (PointerScope scope = new PointerScope()) {
            Tensor x = Tensors.cast(ramp(rows, 96), ScalarType.BFloat16);
            Tensor w = Tensors.cast(ramp(40, 96), ScalarType.BFloat16);
            float[] rounded = Tensors.floats(MatrixProduct.linear(x, w));
            float[] precise =
                    Tensors.floats(
                            MatrixProduct.linear(
                                    Tensors.cast(x, ScalarType.Float),
                                    Tensors.cast(w, ScalarType.Float)));
            for (int i = 0; i < rounded.length; i++) {
                assertThat((double) rounded[i])
                        .isCloseTo(precise[i], within(ROUNDING * Math.abs(precise[i]) + 1e-5));
            }
        }
    }

    /// The second number of outputs is more than is made at a time.
    @ParameterizedTest
    @CsvSource({"17, 24", "64, 24", "17, 8200"})
    void addGradient_twoHalves_isTheGradientOfTheWhole(int positions, int outputs) {
        Native.load();
        try (PointerScope scope = new PointerScope()) {
            Tensor dy = ramp(2 * positions, outputs);
            Tensor x = ramp(2 * positions, 56);
            Tensor sum = Tensors.zeros(ScalarType.Float, outputs, 56);
            for (int from : new int[] {0, positions}) {
                MatrixProduct.addGradient(
                        dy.narrow(0, from, positions), x.narrow(0, from, positions), sum);
            }
            float[] whole = Tensors.floats(MatrixProduct.gradient(dy, x));
            float[] halves = Tensors.floats(sum);
            for (int i = 0; i < whole.length; i++) {
                assertThat(halves[i]).isCloseTo(whole[i], within(1e-4f));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 17, 64})
    void linear_manyOutputs_equalsThatOfItsParts(int rows) {
        Native.load();
        try (PointerScope scope = new PointerScope()) {
            Tensor x = ramp(rows, 32);
            Tensor w = ramp(1000, 32);
            float[] all = Tensors.floats(MatrixProduct.linear(x, w));
            float[] part = Tensors.floats(MatrixProduct.linear(x, w.narrow(0, 0, 8)));
            for (int i = 0; i < rows * 8; i++) {
                assertThat(part[i]).isCloseTo(all[i / 8 * 1000 + i % 8], within(1e-5f));
            }
        }
    }

    private static Tensor ramp(int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 37 % 101 - 50) / 50f;
        }
        return Tensors.floats(values, rows, columns);
    }
}
