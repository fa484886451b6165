package dev.tailor.merge.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Against what torch 2.13 (x86-64, one thread) made of the same numbers with `sum`, `norm` and
/// `dot`.
class LaneSumsTest {
    @ParameterizedTest
    @CsvSource({
        "1,0x0.0p+0,0x0.0p+0",
        "7,-0x1.5cc1p-5,0x1.77ed96p+0",
        "8,0x1.38453ep-1,0x1.9b5dc4p+0",
        "31,-0x1.3a77e6p+0,0x1.9cfae2p+1",
        "64,-0x1.6435p-4,0x1.24a0p+2",
        "100,0x1.12ac16p-1,0x1.7092f4p+2",
        "1000,-0x1.82ca8p-5,0x1.241fccp+4",
        "2560,-0x1.433a1p-1,0x1.d36790p+4",
        "9001,-0x1.88011p-1,0x1.b6317ep+5",
        "30000,-0x1.d9bfap-1,0x1.90000cp+6"
    })
    void sumAndLength_recorded_sameBits(int n, float sum, float length) {
        float[] x = numbers(n);
        assertThat(LaneSums.sum(x, 0, n)).isEqualTo(sum);
        assertThat((float) Math.sqrt(LaneSums.squares(x, 0, n))).isEqualTo(length);
    }

    @ParameterizedTest
    @CsvSource({
        "8,0x1.0590bap-1",
        "64,-0x1.acf8d4p+3",
        "100,-0x1.d1ea7ap+1",
        "1000,0x1.31158cp+7",
        "2560,0x1.9e35e2p+8"
    })
    void dot_recorded_sameBits(int n, float product) {
        float[] x = numbers(n);
        float[] reversed = new float[n];
        for (int i = 0; i < n; i++) {
            reversed[i] = x[n - 1 - i];
        }
        assertThat(LaneSums.dot(x, reversed, n)).isEqualTo(product);
    }

    @ParameterizedTest
    @CsvSource({"3", "31", "1000"})
    void sum_ofAPart_isThatOfThePartAlone(int n) {
        float[] x = numbers(n + 5);
        float[] part = new float[n];
        System.arraycopy(x, 5, part, 0, n);
        assertThat(LaneSums.sum(x, 5, n)).isEqualTo(LaneSums.sum(part, 0, n));
        assertThat(LaneSums.squares(x, 5, n)).isEqualTo(LaneSums.squares(part, 0, n));
    }

    /// Knuth's multiplicative sequence, from -1 to 1.
    private static float[] numbers(int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) (i * 0x9E37_79B1) * 0x1p-31f;
        }
        return x;
    }
}
