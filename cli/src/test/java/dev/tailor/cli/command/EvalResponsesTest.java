package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

class EvalResponsesTest {
    @TempDir Path directory;

    @Test
    void eval_responses_areGradedByThePublishedPrompts() throws Exception {
        Path responses =
                file(
                        "answers.jsonl",
                        "{\"key\": 1001, \"response\": \"Kyoto first. Then Nara.\"}",
                        "{\"key\": 1005, \"response\": \"[name] [address]\"}");
        Path out = directory.resolve("out");
        Invocation run =
                Invocation.of(
                        "eval",
                        "--responses",
                        responses,
                        "--tasks",
                        "ifeval",
                        "--out",
                        out,
                        "--json");
        assertThat(run.exitCode()).isZero();
        JsonNode figures = run.json().at("/models/0/tasks/ifeval");
        assertThat(figures.at("/prompt_level_strict_acc/value").doubleValue()).isEqualTo(0.5);
        assertThat(figures.at("/inst_level_strict_acc/value").doubleValue()).isEqualTo(0.5);
        assertThat(run.err()).contains("539 of 541 prompts have no response");
        JsonNode results = JsonMapper.shared().readTree(out.resolve("results.json"));
        assertThat(results.at("/results/ifeval").path("prompt_level_strict_acc,none").doubleValue())
                .isEqualTo(0.5);
        assertThat(Files.readAllLines(out.resolve("samples_ifeval.jsonl"))).hasSize(2);
    }

    @Test
    void eval_twoFilesOfResponses_areComparedOnWhatBothAnswer() throws Exception {
        Path prompts = file("prompts.jsonl", prompt(1), prompt(2), prompt(3), prompt(4));
        Path base = file("base.jsonl", answer(1, "a, b"), answer(2, "c, d"), answer(3, "e, f"));
        Path tuned = file("tuned.jsonl", answer(2, "c d"), answer(3, "e f"), answer(4, "g"));
        Path out = directory.resolve("out");
        Invocation run =
                Invocation.of(
                        "eval",
                        "--responses",
                        base,
                        "--responses",
                        tuned,
                        "--tasks",
                        "ifeval",
                        "--data",
                        "ifeval=" + prompts,
                        "--out",
                        out);
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains("2 prompts are answered by all files and compared");
        assertThat(run.out()).contains("against base", "+1.000", "2/0/0");
        assertThat(out.resolve("board.md")).content().contains("**Won** 2", "- base: c, d");
        assertThat(Files.readAllLines(out.resolve("differences.jsonl"))).hasSize(2);
    }

    @Test
    void eval_requirement_decidesTheExitCode() throws Exception {
        Path prompts = file("prompts.jsonl", prompt(1), prompt(2), prompt(3), prompt(4));
        Path old = file("old.jsonl", answer(1, "a, b"), answer(2, "c d"), answer(3, "e f"));
        Path now = file("new.jsonl", answer(1, "a b"), answer(2, "c, d"), answer(3, "e, f"));
        Path release = directory.resolve("release");
        Path junit = directory.resolve("reports/gates.xml");
        Object[] grade = {"eval", "--tasks", "ifeval", "--data", "ifeval=" + prompts};
        assertThat(Invocation.of(with(grade, "--responses", old, "--out", release)).exitCode())
                .isZero();
        Invocation held =
                Invocation.of(
                        with(
                                grade,
                                "--responses",
                                now,
                                "--release",
                                release,
                                "--require",
                                "ifeval.prompt_level_strict_acc >= release - 0.5"));
        assertThat(held.exitCode()).isZero();
        Invocation failed =
                Invocation.of(
                        with(
                                grade,
                                "--responses",
                                now,
                                "--release",
                                release,
                                "--junit",
                                junit,
                                "--require",
                                "ifeval.prompt_level_strict_acc >= release and > 0.2"));
        assertThat(failed.exitCode()).isEqualTo(4);
        assertThat(failed.err())
                .contains("ifeval.prompt_level_strict_acc = 0.3333, required >= release (0.6667)");
        assertThat(junit).content().contains("tests=\"2\"", "failures=\"1\"");
        Invocation wrong =
                Invocation.of(with(grade, "--responses", now, "--require", "ifeval.x >= base +"));
        assertThat(wrong.exitCode()).isEqualTo(3);
        assertThat(wrong.err()).contains("character 19");
    }

    @Test
    void eval_untilSignificant_comparesTwoModels() throws Exception {
        Path prompts = file("prompts.jsonl", prompt(1), prompt(2), prompt(3));
        Object[] ask = {
            "eval",
            "--tasks",
            "ifeval",
            "--data",
            "ifeval=" + prompts,
            "--max-tokens",
            "2",
            "--until-significant"
        };
        String again = Invocation.model() + "/.";
        Invocation run = Invocation.of(with(ask, Invocation.model(), again));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err())
                .contains("ifeval.prompt_level_strict_acc: not decided after 3 of 3 items");
        assertThat(Invocation.of(with(ask, Invocation.model())).exitCode()).isEqualTo(2);
    }

    private static Object[] with(Object[] first, Object... rest) {
        return Stream.concat(Stream.of(first), Stream.of(rest)).toArray();
    }

    @Test
    void eval_modelsAndResponses_excludeEachOther() throws Exception {
        Path responses = file("answers.jsonl", answer(1001, "x"));
        Invocation both =
                Invocation.of(
                        "eval", Invocation.model(), "--responses", responses, "--tasks", "ifeval");
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(both.err()).contains("exclude each other");
        assertThat(Invocation.of("eval", "--tasks", "ifeval").exitCode()).isEqualTo(2);
        assertThat(Invocation.of("eval", "--responses", responses, "--tasks", "holdout").exitCode())
                .isEqualTo(2);
    }

    @Test
    void eval_rowWithoutResponse_isRefusedWithItsLine() throws Exception {
        Path responses = file("answers.jsonl", answer(1001, "x"), "{\"key\": 1005}");
        Invocation run = Invocation.of("eval", "--responses", responses, "--tasks", "ifeval");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains(responses + ":2", "'response' must be text");
    }

    @Test
    void eval_model_answersThePrompts() throws Exception {
        Path prompts = file("prompts.jsonl", prompt(1), prompt(2));
        Invocation run =
                Invocation.of(
                        "eval",
                        Invocation.model(),
                        "--tasks",
                        "ifeval",
                        "--data",
                        "ifeval=" + prompts,
                        "--max-tokens",
                        "4",
                        "--json");
        assertThat(run.exitCode()).isZero();
        assertThat(run.json().at("/models/0/tasks/ifeval/prompt_level_strict_acc").isObject())
                .isTrue();
    }

    private static String prompt(int key) {
        return "{\"key\": %d, \"prompt\": \"p%d\", \"instruction_id_list\":".formatted(key, key)
                + " [\"punctuation:no_comma\"], \"kwargs\": [{}]}";
    }

    private static String answer(int key, String response) {
        return "{\"key\": %d, \"response\": \"%s\"}".formatted(key, response);
    }

    private Path file(String name, String... lines) throws IOException {
        return Files.write(directory.resolve(name), List.of(lines));
    }
}
