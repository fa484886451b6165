package dev.tailor.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.eval.GradedSample;
import dev.tailor.eval.Metric;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.ResultStore;
import dev.tailor.eval.TaskResult;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class GainBoardTest {
    @TempDir Path directory;

    /// A task of 100 items of which the first ones are right.
    private static TaskResult task(String name, int right) {
        double[] values = new double[100];
        List<GradedSample> samples = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            values[i] = i < right ? 1 : 0;
            samples.add(
                    new GradedSample(
                            "item " + i, "", List.of(), "", Map.of("accuracy", values[i])));
        }
        return new TaskResult(name, List.of(Metric.mean("accuracy", values, true)), samples, 1);
    }

    private static ModelResult model(String name, TaskResult... tasks) {
        return new ModelResult(name, List.of(tasks));
    }

    private static GainBoard board() {
        ModelResult base =
                model("base", task("a@0", 10), task("a@5", 30), task("b", 50), task("x", 1));
        ModelResult tuned = model("tuned", task("a", 90), task("b", 49), task("y", 1));
        return GainBoard.of(
                List.of(new GainBoard.Pair(base, tuned)),
                Optional.of(new GainBoard.Baseline("gpt", Map.of("a", 0.95, "b", 0.4))),
                Map.of("a", "Math", "b", "Coding"));
    }

    @Test
    void of_pairs_countsGainsWinsAndWhatIsChance() {
        GainBoard board = board();
        assertThat(board.categories()).containsExactly("Coding", "Math");
        Gain a = board.gain("tuned", "a").orElseThrow();
        Gain b = board.gain("tuned", "b").orElseThrow();
        assertThat(a.value()).isCloseTo(0.8, within(1e-12));
        assertThat(a.isSignificant()).isTrue();
        assertThat(a.overBestShots().orElseThrow()).isCloseTo(0.6, within(1e-12));
        assertThat(a.beatsBaseline()).contains(false);
        assertThat(b.value()).isCloseTo(-0.01, within(1e-12));
        assertThat(b.isSignificant()).isFalse();
        assertThat(b.pValue().orElseThrow()).isEqualTo(1);
        assertThat(b.beatsBaseline()).contains(true);
        GainBoard.Summary all = board.total();
        assertThat(List.of(all.gains(), all.wins(), all.significant(), all.overBaseline()))
                .containsExactly(2, 1, 1, 1);
        assertThat(all.gain()).isCloseTo(0.395, within(1e-12));
        assertThat(all.best()).isEqualTo(a);
        assertThat(board.leftOut())
                .containsExactly("y: base has no figure for it", "x: tuned has no figure for it");
    }

    @Test
    void of_lowerIsBetter_takesTheFallAsGain() {
        TaskResult before = new TaskResult("p", List.of(plain(20)), List.of(), 1);
        TaskResult after = new TaskResult("p", List.of(plain(12)), List.of(), 1);
        GainBoard board =
                GainBoard.of(
                        List.of(new GainBoard.Pair(model("m", before), model("t", after))),
                        Optional.empty(),
                        Map.of());
        assertThat(board.gains().getFirst().value()).isEqualTo(8);
        assertThat(board.gains().getFirst().pValue()).isEmpty();
        assertThat(GainBoardFormat.text(board)).contains("nothing can be said about chance");
        assertThat(board.categories()).containsExactly("Other");
    }

    private static Metric plain(double value) {
        return new Metric("perplexity", value, new double[0], false);
    }

    @Test
    void of_nothingInCommon_isRefused() {
        GainBoard.Pair pair =
                new GainBoard.Pair(model("m", task("a", 1)), model("t", task("b", 1)));
        assertThatThrownBy(() -> GainBoard.of(List.of(pair), Optional.empty(), Map.of()))
                .hasMessageContaining("no task was given to a model and to its base");
    }

    @Test
    void severalBases_bestIsHeldAgainstBest() {
        GainBoard board =
                GainBoard.of(
                        List.of(
                                new GainBoard.Pair(
                                        model("m", task("a", 10)), model("m tuned", task("a", 60))),
                                new GainBoard.Pair(
                                        model("n", task("a", 40)),
                                        model("n tuned", task("a", 70)))),
                        Optional.empty(),
                        Map.of());
        assertThat(board.bestOverBest().orElseThrow()).isCloseTo(0.3, within(1e-12));
        assertThat(GainBoardFormat.text(board)).contains("0.600 (+0.500*)", "0.700 (+0.300*)");
    }

    @Test
    void write_board_givesPageTablesAndData() throws Exception {
        GainBoardFormat.write(directory, "<script>alert(1)</script>", board());
        String html = Files.readString(directory.resolve("board.html"));
        assertThat(html)
                .doesNotContain("<script", "http://", "https://")
                .contains("&lt;script&gt;", "prefers-color-scheme: dark")
                .contains("<td class=\"good\">+0.800*</td>", "<td class=\"noise\">-0.010</td>")
                .contains("1 of 2 tuned models surpass the base, 1 significantly")
                .contains("<circle class=\"dot l0\"", "5 shots");
        assertThat(Files.readString(directory.resolve("board.md")))
                .contains("| category | tasks |", "|------:|", "+0.800*", "1 of 2 surpass gpt");
        List<String> csv = Files.readAllLines(directory.resolve("board.csv"));
        assertThat(csv).hasSize(3);
        assertThat(csv.get(1)).startsWith("base,tuned,Coding,b,accuracy,true,100,0.5,0.49,");
        JsonNode json =
                tools.jackson.databind.json.JsonMapper.shared()
                        .readTree(Files.readString(directory.resolve("board.json")));
        assertThat(json.at("/all/wins").intValue()).isEqualTo(1);
        assertThat(json.at("/gains/1/shots/1/shots").intValue()).isEqualTo(5);
    }

    @Test
    void results_ofBothShapes_areFound() throws Exception {
        ResultStore.write(directory.resolve("one/m"), model("m", task("a", 40)));
        ResultStore.write(directory.resolve("one/n"), model("n", task("a", 60)));
        assertThat(ResultFiles.below(directory.resolve("one")).results())
                .extracting(ModelResult::model)
                .containsExactly("m", "n");
        Path foreign = directory.resolve("results_2026.json");
        Files.writeString(
                foreign,
                "{\"results\": {\"arc\": {\"alias\": \"arc\", \"acc,none\": 0.25,"
                        + " \"acc_stderr,none\": 0.1, \"ppl,none\": 9}}, \"model_name\": \"z\","
                        + " \"higher_is_better\": {\"arc\": {\"acc\": true, \"ppl\": false}}}");
        ModelResult read = ResultFiles.below(foreign).results().getFirst();
        assertThat(read.model()).isEqualTo("z");
        assertThat(read.tasks().getFirst().metrics())
                .extracting(Metric::name)
                .containsExactly("acc", "ppl");
        assertThat(read.tasks().getFirst().metrics().getLast().higherIsBetter()).isFalse();
        assertThatThrownBy(() -> ResultFiles.below(Files.createDirectory(directory.resolve("no"))))
                .hasMessageContaining("there are no results");
    }

    @Test
    void history_ofRuns_hasALineForEachFigure() throws Exception {
        java.time.Instant start = java.time.Instant.parse("2026-01-01T00:00:00Z");
        History history =
                new History(
                        List.of(
                                new History.Run("mon", start, List.of(model("v1", task("a", 20)))),
                                new History.Run("tue", start, List.of(model("v2", task("b", 5)))),
                                new History.Run(
                                        "<wed>", start, List.of(model("v3", task("a", 60))))));
        assertThat(history.text()).contains("a.accuracy ↑  0.200 ±0.040", "+0.400*");
        JsonNode values = history.json().at("/figures/0/values");
        assertThat(values.get(0).doubleValue()).isEqualTo(0.2);
        assertThat(values.get(1).isNull()).isTrue();
        assertThat(values.get(2).doubleValue()).isEqualTo(0.6);
        history.write(directory);
        assertThat(Files.readString(directory.resolve("history.html")))
                .contains("&lt;wed&gt;", "<path class=\"line l0\"")
                .doesNotContain("<wed>");
        assertThat(directory.resolve("history.md")).exists();
    }
}
