package dev.tailor.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class PairedComparisonTest {
    private final Board board =
            Board.of(
                    List.of(
                            model("base", "q", 0, 0, 0, 0, 0, 0, 1, 1, 0, 1),
                            model("tuned", "q", 1, 1, 1, 1, 1, 1, 1, 0, 0, 1),
                            model("other", "z", 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)));

    @Test
    void of_rightOrWrong_countsItemsAndTestsThemExactly() {
        PairedComparison comparison = PairedComparison.of(board).getFirst();
        Duel duel = comparison.duel().orElseThrow();
        assertThat(comparison.difference()).isCloseTo(0.5, within(1e-12));
        assertThat(duel.wins()).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(duel.losses()).containsExactly(7);
        assertThat(duel.ties()).isEqualTo(3);
        assertThat(comparison.pValue()).isCloseTo(0.125, within(1e-12));
        assertThat(comparison.bootstrap().low()).isGreaterThan(-0.05);
        assertThat(comparison.bootstrap().high()).isBetween(0.8, 1.0);
        assertThat(comparison.detectable())
                .isCloseTo(2.8015852 * comparison.standardError(), within(1e-6));
    }

    @Test
    void of_modelOnOtherItems_isNotCompared() {
        assertThat(PairedComparison.of(board))
                .extracting(PairedComparison::model)
                .containsExactly("tuned");
    }

    @Test
    void report_winsAndLosses_areShownWithTheirTexts() {
        ComparisonReport report = ComparisonReport.of(board);
        assertThat(report.text())
                .contains("tuned", "+0.500", "0.1250", "6/1/3", "for 1 comparison");
        assertThat(report.markdown())
                .contains(
                        "### tuned against base: holdout.exact_match",
                        "**Won** 6, the first 5:",
                        "**Lost** 1",
                        "- `q7` question 7 \\[x\\]",
                        "  - tuned: tuned says 0.0 to 7");
        List<JsonNode> lines =
                report.itemLines().lines().map(JsonMapper.shared()::readTree).toList();
        assertThat(lines).hasSize(7);
        assertThat(lines.getLast().path("outcome").stringValue()).isEqualTo("loss");
        assertThat(lines.getLast().path("id").stringValue()).isEqualTo("q7");
        assertThat(lines.getLast().path("base_value").doubleValue()).isEqualTo(1);
        assertThat(report.json().get(0).path("p_mcnemar").doubleValue())
                .isCloseTo(0.125, within(1e-12));
    }

    @Test
    void of_lowerIsBetter_winsAreLowerFigures() {
        Duel duel = Duel.of(new double[] {2, 3, 4}, new double[] {1, 3, 5}, false);
        assertThat(duel.wins()).containsExactly(0);
        assertThat(duel.losses()).containsExactly(2);
        assertThat(duel.mcNemar()).isEmpty();
    }

    private static ModelResult model(String name, String items, double... values) {
        List<GradedSample> samples = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            samples.add(
                    new GradedSample(
                            items + i,
                            "question " + i + " [x]",
                            List.of("yes"),
                            name + " says " + values[i] + " to " + i,
                            Map.of("exact_match", values[i])));
        }
        return new ModelResult(
                name,
                List.of(
                        new TaskResult(
                                "holdout",
                                List.of(Metric.mean("exact_match", values, true)),
                                samples,
                                1)));
    }
}
