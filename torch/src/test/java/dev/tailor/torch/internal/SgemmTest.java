package dev.tailor.torch.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

class SgemmTest {
    @ParameterizedTest
    @CsvSource({"1,1,1", "3,5,2", "64,64,64", "65,17,130", "130,200,63"})
    void parallel_anyLayout_equalsTheDefinition(int rows, int columns, int depth) {
        assumeTrue(Sgemm.isAvailable());
        try (PointerScope scope = new PointerScope()) {
            Tensor plain = random(rows, depth, 1);
            Tensor turned = random(depth, rows, 2);
            Tensor right = random(depth, columns, 3);
            Tensor rightTurned = random(columns, depth, 4);
            check(Matrix.of(plain), Matrix.of(right), rows, columns);
            check(Matrix.of(turned).t(), Matrix.of(right), rows, columns);
            check(Matrix.of(plain), Matrix.of(rightTurned).t(), rows, columns);
            check(Matrix.of(turned).t(), Matrix.of(rightTurned).t(), rows, columns);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,3,1,4", "2,9,0,7"})
    void product_partsOfMatrices_equalsTheDefinition(int top, int bottom, int left, int right) {
        assumeTrue(Sgemm.isAvailable());
        try (PointerScope scope = new PointerScope()) {
            Matrix a = Matrix.of(random(9, 7, 5)).rows(top, bottom).columns(left, right);
            Matrix b = Matrix.of(random(7, 9, 6)).rows(left, right).columns(top, bottom);
            check(a, b, bottom - top, bottom - top);
            check(a.t(), b.t(), right - left, right - left);
        }
    }

    private static Tensor random(int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return Tensors.floats(values, rows, columns);
    }

    private static void check(Matrix a, Matrix b, int rows, int columns) {
        Tensor c = random(rows, columns, 7);
        float[] before = Tensors.floats(c);
        Sgemm.parallel(a, b, Matrix.of(c), Sgemm.Into.SUM);
        float[] sum = Tensors.floats(c);
        Sgemm.parallel(a, b, Matrix.of(c), Sgemm.Into.FRESH);
        float[] fresh = Tensors.floats(c);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                double expected = 0;
                for (int k = 0; k < a.columns(); k++) {
                    expected += (double) value(a, i, k) * value(b, k, j);
                }
                int at = i * columns + j;
                assertThat((double) fresh[at]).isCloseTo(expected, within(1e-5));
                assertThat((double) sum[at]).isCloseTo(before[at] + expected, within(1e-5));
            }
        }
    }

    private static float value(Matrix m, int row, int column) {
        long index =
                m.transposed()
                        ? (long) column * m.stride() + row
                        : (long) row * m.stride() + column;
        return MemorySegment.ofAddress(m.address())
                .reinterpret(Long.MAX_VALUE)
                .getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }
}
