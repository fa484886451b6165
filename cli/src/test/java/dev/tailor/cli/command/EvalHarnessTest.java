package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.cli.Invocation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// `tailor eval` with task files, against what transformers gives (see `harness/README.md`).
class EvalHarnessTest {
    @TempDir Path directory;

    private static final JsonNode GOLDEN = golden();

    private static JsonNode golden() {
        try {
            return JsonMapper.shared().readTree(Files.readString(resource("golden.json")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Path resource(String name) {
        try {
            return Path.of(EvalHarnessTest.class.getResource("/harness/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private Invocation eval(String tasks, Object... more) {
        List<Object> words = new ArrayList<>(List.of("eval", Invocation.model(), "--tasks", tasks));
        for (String name : List.of("arc_easy", "piqa", "openbook_qa", "lambada_openai")) {
            words.addAll(List.of("--data", name + "=" + resource(name + ".jsonl")));
        }
        words.addAll(List.of("--data", "gsm8k=" + resource("gsm8k_test.jsonl")));
        words.addAll(List.of("--data", "rolling=" + resource("rolling.jsonl")));
        words.addAll(List.of("--out", directory, "--bootstrap", 2000));
        words.addAll(List.of(more));
        return Invocation.of(words.toArray());
    }

    private static Path only(Path folder, String start) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(start))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(folder + " has no " + start));
        }
    }

    private static JsonNode results(Path folder) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(only(folder, "results_")));
    }

    private static List<JsonNode> samples(Path folder, String task) throws IOException {
        return Files.readAllLines(only(folder, "samples_" + task + "_2")).stream()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
    }

    private static void assertLikelihoods(List<JsonNode> samples, JsonNode docs) {
        assertThat(samples).hasSize(docs.size());
        for (int i = 0; i < docs.size(); i++) {
            JsonNode expected = docs.get(i);
            JsonNode replies = samples.get(i).path("filtered_resps");
            assertThat(replies.size()).isEqualTo(expected.path("lls").size());
            for (int c = 0; c < replies.size(); c++) {
                double tokens = expected.path("tokens").get(c).doubleValue();
                assertThat(Double.parseDouble(replies.get(c).get(0).stringValue()))
                        .as("document %d, choice %d", i, c)
                        .isCloseTo(
                                expected.path("lls").get(c).doubleValue(), within(1e-4 * tokens));
                assertThat(replies.get(c).get(1).stringValue().equals("True"))
                        .isEqualTo(expected.path("greedy").get(c).booleanValue());
            }
        }
    }

    @Test
    void multipleChoice_withAndWithoutExamples_givesTheReferencesScores() throws Exception {
        Invocation run = eval("arc_easy,piqa,openbook_qa", "--shots", "0,2", "--limit", 6);
        assertThat(run.exitCode()).as(run.err()).isZero();
        for (String shots : List.of("0", "2")) {
            Path folder = directory.resolve("shots-" + shots);
            for (String task : List.of("arc_easy", "piqa", "openbook_qa")) {
                JsonNode expected = GOLDEN.path(task + "@" + shots);
                assertLikelihoods(samples(folder, task), expected.path("docs"));
                JsonNode figures = results(folder).path("results").path(task);
                assertThat(figures.path("acc,none").doubleValue())
                        .isEqualTo(expected.path("acc").doubleValue());
                assertThat(figures.path("acc_norm,none").doubleValue())
                        .isEqualTo(expected.path("acc_norm").doubleValue());
            }
        }
        assertThat(
                        results(directory.resolve("shots-0"))
                                .at("/results/arc_easy")
                                .path("acc_stderr,none")
                                .doubleValue())
                .isCloseTo(GOLDEN.at("/arc_easy@0/acc_stderr").doubleValue(), within(1e-12));
        assertThat(run.out()).contains("by number of examples", "acc_norm,none");
        assertThat(directory.resolve("shots.json")).exists();
        assertThat(run.err()).contains("longer than the model's context");
    }

    @Test
    void lastWord_isScoredAndResampledAsTheReferenceDoes() throws Exception {
        Invocation run = eval("lambada_openai", "--limit", 6);
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode expected = GOLDEN.path("lambada_openai@0");
        assertLikelihoods(samples(directory, "lambada_openai"), expected.path("docs"));
        JsonNode figures = results(directory).at("/results/lambada_openai");
        double perplexity = expected.path("perplexity").doubleValue();
        assertThat(figures.path("perplexity,none").doubleValue())
                .isCloseTo(perplexity, within(1e-3 * perplexity));
        double error = expected.path("perplexity_stderr").doubleValue();
        assertThat(figures.path("perplexity_stderr,none").doubleValue())
                .isCloseTo(error, within(1e-3 * error));
    }

    @Test
    void answers_areThoseOfGreedyDecoding() throws Exception {
        Invocation run = eval("gsm8k", "--shots", 1, "--limit", 3, "--max-tokens", 16);
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String> answers =
                samples(directory, "gsm8k").stream()
                        .filter(line -> line.path("filter").stringValue().equals("strict"))
                        .map(line -> line.at("/resps/0/0").stringValue())
                        .toList();
        List<String> expected = new ArrayList<>();
        GOLDEN.at("/gsm8k@1/docs").forEach(text -> expected.add(text.stringValue()));
        assertThat(answers).isEqualTo(expected);
    }

    @Test
    void documents_areScoredInTheReferencesWindows() throws Exception {
        Invocation run = eval(resource("rolling.yaml").toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode figures = results(directory).at("/results/rolling");
        JsonNode expected = GOLDEN.path("rolling@0");
        for (String metric : List.of("word_perplexity", "byte_perplexity", "bits_per_byte")) {
            double value = expected.path(metric).doubleValue();
            assertThat(figures.path(metric + ",none").doubleValue())
                    .as(metric)
                    .isCloseTo(value, within(1e-4 * value));
        }
    }

    @Test
    void badRows_areCountedAndTheRestGoesOn() throws Exception {
        Path rows =
                Files.write(
                        directory.resolve("rows.jsonl"),
                        List.of(
                                "{\"id\": 1, \"query\": \"q\", \"choices\": [\"a\", \"b\"],"
                                        + " \"gold\": 0}",
                                "{\"id\": 1, \"query\": \"r\", \"choices\": [\"a\", \"b\"],"
                                        + " \"gold\": 7}",
                                "{\"id\": 2, \"choices\": [\"a\", \"b\"], \"gold\": 0}",
                                "{\"id\": 3, \"query\": \"s\", \"choices\": \"none\", \"gold\":"
                                        + " 0}"));
        Invocation run =
                Invocation.of(
                        "eval",
                        Invocation.model(),
                        "--tasks",
                        "arc_easy,piqa",
                        "--data",
                        "arc_easy=" + rows,
                        "--json");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err())
                .contains(
                        "2 rows cannot be asked and are left out",
                        rows + ":3",
                        "doc_to_text",
                        "'question' is undefined",
                        "1 rows have an answer that is none of the choices",
                        "1 rows have an id that stands before already",
                        "the task 'piqa' is left out",
                        "--data piqa=FILE");
        assertThat(run.json().at("/models/0/tasks/arc_easy/acc").isObject()).isTrue();
    }

    @Test
    void interruptedEvaluation_goesOnWithTheRepliesItHas() throws Exception {
        Path cache = directory.resolve("cache/replies.jsonl");
        assertThat(eval("arc_easy", "--limit", 2, "--cache", cache).exitCode()).isZero();
        List<String> lines = Files.readAllLines(cache);
        assertThat(lines).hasSize(8);
        Files.writeString(cache, String.join("\n", lines.subList(0, 5)) + "\n{\"key\": \"cu");
        assertThat(eval("arc_easy", "--limit", 2, "--cache", cache).exitCode()).isZero();
        assertThat(Files.readAllLines(cache)).hasSize(5 + 1 + 3);
    }

    @Test
    void taskThatNeedsPython_isRefusedByName() throws Exception {
        Path task =
                Files.writeString(
                        directory.resolve("odd.yaml"),
                        "task: odd\ndataset_path: x\ndoc_to_text: !function utils.make\n");
        Invocation run = eval(task.toString());
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err())
                .contains("the task 'odd' needs Python", "utils.make", "odd.yaml:3:14");
    }
}
