package dev.tailor.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {
    @ParameterizedTest
    @CsvSource({"0, 0 B", "999, 999 B", "1000, 1.0 kB", "140123, 140 kB", "2100000000, 2.1 GB"})
    void bytes_anySize_hasTwoOrThreeDigits(long bytes, String text) {
        assertThat(Figures.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0.84, 0.8s",
        "9.94, 9.9s",
        "9.96, 10s",
        "59.4, 59s",
        "185, 3m05s",
        "7800, 2h10m",
        "273600, 3d04h"
    })
    void duration_anyLength_hasTwoUnits(double seconds, String text) {
        assertThat(Figures.duration(seconds)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "3, 3",
        "2.31456, 2.315",
        "23.456, 23.46",
        "234.56, 234.6",
        "0.0002, 0.0002",
        "0.00000012, 1.20e-07",
        "-0.5, -0.500"
    })
    void number_anyMagnitude_isShort(double value, String text) {
        assertThat(Figures.number(value)).isEqualTo(text);
    }
}
