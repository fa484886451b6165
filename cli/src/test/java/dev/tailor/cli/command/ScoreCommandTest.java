package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.cli.Invocation;
import dev.tailor.tensors.Checkpoint;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class ScoreCommandTest {
    @TempDir Path directory;

    @Test
    void score_threeKindsOfRows_matchTransformers() throws Exception {
        Path input =
                input(
                        "{\"text\": \"Hello world, this is a test.\"}",
                        "{\"prompt\": \"Hello world,\", \"completion\": \" this is a test.\"}",
                        "{\"tokens\": [1, 5, 9, 12, 44, 3], \"prompt_tokens\": 2}");
        List<JsonNode> lines =
                Invocation.of("score", Invocation.model(), "--input", input).jsonLines();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0).path("logprob").doubleValue()).isCloseTo(-123.233032, within(1e-4));
        assertThat(lines.get(0).path("tokens").intValue()).isEqualTo(19);
        assertThat(lines.get(0).path("token_logprobs").get(0).doubleValue())
                .isCloseTo(-6.2524, within(1e-4));
        assertThat(lines.get(1).path("tokens").intValue()).isEqualTo(11);
        assertThat(lines.get(1).path("logprob").doubleValue()).isCloseTo(-70.67171, within(1e-4));
        assertThat(lines.get(2).path("logprob").doubleValue()).isCloseTo(-23.03639, within(1e-4));
        assertThat(lines.get(2).path("greedy").booleanValue()).isFalse();
    }

    @Test
    void score_generatedTokens_areGreedy() throws Exception {
        JsonNode generated =
                Invocation.of(
                                "generate",
                                Invocation.model(),
                                "--prompt",
                                "Hello",
                                "--max-tokens",
                                "4")
                        .json();
        Path input = input("{\"prompt\": \"Hello\", \"completion\": \"x\"}");
        Files.writeString(
                input,
                "{\"tokens\": [44, 73, 335, 83, %s], \"prompt_tokens\": 4}\n"
                        .formatted(generated.path("tokens").toString().replaceAll("[\\[\\]]", "")));
        JsonNode score = Invocation.of("score", Invocation.model(), "-i", input).json();
        assertThat(score.path("greedy").booleanValue()).isTrue();
    }

    @Test
    void score_logitsAsked_writesSequenceByVocabulary() throws Exception {
        Path logits = directory.resolve("logits.safetensors");
        Path output = directory.resolve("scores.jsonl");
        Path input = input("{\"tokens\": [1, 2, 3]}", "{\"tokens\": [4, 5]}");
        Invocation run =
                Invocation.of(
                        "score",
                        Invocation.model(),
                        "--input",
                        input,
                        "--output",
                        output,
                        "--logits",
                        logits);
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(Files.readAllLines(output)).hasSize(2);
        try (Checkpoint file = Checkpoint.open(logits)) {
            assertThat(file.info("logits.0").shape()).containsExactly(3L, 512L);
            assertThat(file.info("logits.1").shape()).containsExactly(2L, 512L);
        }
        assertThat(directory).isDirectoryNotContaining("glob:**writing*");
    }

    @Test
    void score_badRow_isNamedWithItsLine() throws Exception {
        Path input = input("{\"text\": \"fine\"}", "", "{\"tokens\": [1, 600]}");
        Invocation run = Invocation.of("score", Invocation.model(), "--input", input);
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains(input + ":3: ").contains("600").contains("0 to 511");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void score_malformedJson_isNamedWithItsLine() throws Exception {
        Path input = input("{\"text\": ");
        Invocation run = Invocation.of("score", Invocation.model(), "--input", input);
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains(input + ":1: not valid JSON");
    }

    @Test
    void score_missingModel_isNamed() throws Exception {
        Invocation run = Invocation.of("score", "/no/such", "--input", input("{\"text\": \"x\"}"));
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).startsWith("error: /no/such: no such directory");
    }

    private Path input(String... lines) throws Exception {
        return Files.write(directory.resolve("input.jsonl"), List.of(lines));
    }
}
