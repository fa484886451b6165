package dev.tailor.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class GateTest {
    private final Board board =
            Board.of(List.of(model("base", 0.1, 0.3), model("aligned", 0.4, 0.6)));

    @ParameterizedTest
    @CsvSource({
        ">= 0.25, true",
        ">= 0.26, false",
        "> 0.25, false",
        "<= 0.25, true",
        "< 0.25, false",
        ">= base, true",
        ">= base + 0.05, true",
        ">= base + 0.06, false",
        "<= aligned - 0.2, true",
        "<= aligned -0.2, true",
        ">=base+1e-3, true"
    })
    void check_requirement_holdsAgainstBoard(String requirement, boolean passed) {
        Board figures =
                Board.of(List.of(model("base", 0.2), model("aligned", 0.45), model("m", 0.25)));
        assertThat(Gate.parse("holdout.exact_match", requirement).check(figures, "m").passed())
                .isEqualTo(passed);
    }

    @Test
    void check_describe_namesFigureAndBound() {
        assertThat(
                        Gate.parse("holdout.exact_match", ">= base + 0.2")
                                .check(board, "aligned")
                                .describe())
                .isEqualTo("holdout.exact_match = 0.5000, required >= base + 0.2 (0.4000): passed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0.5",
                ">=",
                "= 0.5",
                ">= base +",
                ">= base 0.2",
                ">= 0.5 x",
                ">= 1.2.3"
            })
    void parse_malformed_isRefused(String requirement) {
        assertThatThrownBy(() -> Gate.parse("holdout.exact_match", requirement))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
    }

    @Test
    void check_unknownMetric_suggestsTheNearest() {
        assertThatThrownBy(() -> Gate.parse("holdout.exact_mach", ">= 0").check(board, "base"))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e ->
                                assertThat(e.remedy())
                                        .contains("did you mean 'holdout.exact_match'?"));
    }

    private static ModelResult model(String name, double... values) {
        return new ModelResult(
                name,
                List.of(
                        new TaskResult(
                                "holdout",
                                List.of(Metric.mean("exact_match", values, true)),
                                List.of(),
                                1)));
    }
}
