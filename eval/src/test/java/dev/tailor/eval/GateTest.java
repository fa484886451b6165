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
import java.util.Optional;

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
        ">=base+1e-3, true",
        ">= 0.2 and < base + 0.06, true"
    })
    void check_requirement_holdsAgainstBoard(String requirement, boolean passed) {
        Board figures =
                Board.of(List.of(model("base", 0.2), model("aligned", 0.45), model("m", 0.25)));
        assertThat(Gate.parseAll("holdout.exact_match", requirement, Optional.empty()))
                .extracting(gate -> gate.check(figures, "m").passed())
                .containsOnly(passed);
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
                ">= base and",
                ">= significantly",
                ">= base surely",
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
    void parse_malformed_namesTheCharacter() {
        assertThatThrownBy(() ->
                        Gate.parseAll(
                                "holdout.exact_match",
                                ">= base + x",
                                Optional.of(at -> "recipe.yaml:3:" + (20 + at))))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.getMessage())
                                    .endsWith("a number or a model is expected at character 11");
                            assertThat(e.where()).contains("recipe.yaml:3:30");
                        });
    }

    @Test
    void check_significantly_needsTheWholeInterval() {
        double[] low = new double[100];
        double[] high = new double[100];
        double[] better = new double[100];
        for (int i = 0; i < 100; i++) {
            low[i] = i % 2;
            high[i] = i % 2 == 1 || i < 6 ? 1 : 0;
            better[i] = i % 2 == 1 || i < 40 ? 1 : 0;
        }
        Board figures = Board.of(List.of(model("base", low), model("a", high), model("b", better)));
        assertThat(check("> base significantly", figures, "b")).isTrue();
        assertThat(check("> base", figures, "a")).isTrue();
        assertThat(check("> base + 0.02 significantly", figures, "a")).isFalse();
        assertThat(check(">= base - 0.05 significantly", figures, "a")).isTrue();
        assertThat(check("> 0.5 significantly", figures, "b")).isTrue();
        assertThat(check("< b significantly", figures, "a")).isTrue();
        assertThat(check("> 0.5 significantly", figures, "a")).isFalse();
        assertThat(
                        Gate.parse("holdout.exact_match", "> base significantly")
                                .check(figures, "b")
                                .describe())
                .contains("95 % interval of the distance +0.1");
    }

    @Test
    void check_release_isAModelOfItsOwn() {
        Board figures =
                Board.of(List.of(model("./base", 0.1, 0.3), model("./new", 0.4, 0.6)))
                        .with("release", model("./old", 0.5, 0.6));
        assertThat(check(">= release - 0.06", figures, "./new")).isTrue();
        assertThat(check(">= release", figures, "./new")).isFalse();
        assertThat(check(">= base + 0.2", figures, "./new")).isTrue();
    }

    private static boolean check(String requirement, Board figures, String on) {
        return Gate.parse("holdout.exact_match", requirement).check(figures, on).passed();
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
