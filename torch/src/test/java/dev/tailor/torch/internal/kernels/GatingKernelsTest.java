package dev.tailor.torch.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/// Sizes around the edges of the vector registers.
class GatingKernelsTest {
    private static final double STEP = 1e-4;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 100})
    void geGlu_anySize_isGeluTimesUpAndItsDerivatives(int size) {
        float[] gate = random(size, 6, 1);
        float[] up = random(size, 2, 2);
        float[] dy = random(size, 2, 3);
        float[] product = gate.clone();
        GeGlu.forward(product, up);
        float[] dGate = gate.clone();
        float[] dUp = up.clone();
        GeGlu.backward(dGate, dUp, dy);
        for (int i = 0; i < size; i++) {
            assertThat((double) product[i]).isCloseTo(gelu(gate[i]) * up[i], within(2e-6));
            assertThat((double) dUp[i]).isCloseTo(gelu(gate[i]) * dy[i], within(2e-6));
            double slope = slope(GatingKernelsTest::gelu, gate[i]);
            assertThat((double) dGate[i]).isCloseTo(slope * up[i] * dy[i], within(1e-5));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 100})
    void softCap_anySize_isScaledTanhAndItsDerivative(int size) {
        float[] x = random(size, 40, 1);
        float[] dy = random(size, 2, 2);
        float[] y = x.clone();
        SoftCap.forward(y, 0.3f, 5);
        float[] dx = dy.clone();
        SoftCap.backward(y, dx, 0.3f, 5);
        for (int i = 0; i < size; i++) {
            assertThat((double) y[i]).isCloseTo(cap(x[i]), within(2e-6));
            double slope = slope(GatingKernelsTest::cap, x[i]);
            assertThat((double) dx[i]).isCloseTo(slope * dy[i], within(1e-5));
        }
    }

    private static double gelu(double x) {
        return x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2;
    }

    private static double cap(double x) {
        return 5 * Math.tanh(0.3 * x / 5);
    }

    private static double slope(DoubleUnaryOperator f, double x) {
        return (f.applyAsDouble(x + STEP) - f.applyAsDouble(x - STEP)) / (2 * STEP);
    }

    private static float[] random(int size, double bound, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextDouble(-bound, bound);
        }
        return values;
    }
}
