package dev.tailor.eval;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class BoardTest {
    private final ModelResult base = model("base", new double[] {0, 0, 1, 0}, -40);
    private final ModelResult tuned = model("tuned", new double[] {1, 1, 1, 0}, -20);
    private final Board board = Board.of(List.of(base, tuned));

    @Test
    void render_text_alignsFiguresWithDifferences() {
        assertThat(BoardFormat.TEXT.render(board))
                .isEqualTo(
                        """
                        holdout          exact_match ↑     answer_perplexity ↓
                        base              0.250 ±0.250            54.60 ±0.000
                        tuned    0.750 ±0.250 (+0.500)  7.389 ±0.000 (-47.21*)
                        """);
    }

    @Test
    void render_markdown_isTable() {
        assertThat(BoardFormat.MARKDOWN.render(board).lines().toList())
                .hasSize(4)
                .allMatch(line -> line.startsWith("| ") || line.startsWith("|-"))
                .allMatch(line -> line.chars().filter(c -> c == '|').count() == 4);
    }

    @Test
    void render_csv_hasOneLinePerFigure() {
        assertThat(BoardFormat.CSV.render(board).lines())
                .hasSize(5)
                .contains("tuned,holdout,exact_match,true,0.75,0.25,0.5,0.28867513459481287");
    }

    @Test
    void render_json_holdsDifferencesOfTunedOnly() {
        JsonNode json = JsonMapper.shared().readTree(BoardFormat.JSON.render(board));
        JsonNode tunedCell = json.at("/models/1/tasks/holdout/exact_match");
        assertThat(json.at("/base").stringValue()).isEqualTo("base");
        assertThat(tunedCell.path("difference").doubleValue()).isEqualTo(0.5);
        assertThat(json.at("/models/0/tasks/holdout/exact_match").has("difference")).isFalse();
    }

    @Test
    void resultStore_writtenResults_areReadBackTheSame(@TempDir Path directory) throws Exception {
        ResultStore.write(directory, tuned);
        ModelResult read = ResultStore.read(directory);
        assertThat(read).usingRecursiveComparison().isEqualTo(tuned);
        JsonNode results =
                JsonMapper.shared().readTree(Files.readString(directory.resolve("results.json")));
        assertThat(results.at("/results/holdout").path("exact_match,none").doubleValue())
                .isEqualTo(0.75);
        assertThat(results.at("/results/holdout").path("exact_match_stderr,none").doubleValue())
                .isEqualTo(0.25);
        assertThat(Files.readAllLines(directory.resolve("samples_holdout.jsonl"))).hasSize(1);
    }

    private static ModelResult model(String name, double[] matches, double logProb) {
        double[] logProbs = {logProb / 10, logProb / 10, logProb / 10, logProb / 10};
        return new ModelResult(
                name,
                List.of(
                        new TaskResult(
                                "holdout",
                                List.of(
                                        Metric.mean("exact_match", matches, true),
                                        Metric.perplexity(
                                                "answer_perplexity",
                                                logProbs,
                                                new double[] {1, 1, 1, 1})),
                                List.of(
                                        new GradedSample(
                                                "holdout.jsonl:1",
                                                "user: What?",
                                                List.of("That."),
                                                "This.",
                                                Map.of("exact_match", 0.0))),
                                0.5)));
    }
}
