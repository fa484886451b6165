package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class DataCommandTest {
    @TempDir Path directory;
    private Path file;

    @BeforeEach
    void writeData() throws Exception {
        file =
                Files.write(
                        directory.resolve("qa.jsonl"),
                        List.of(
                                "{\"instruction\": \"Add 1 and 2\", \"output\": \"3\"}",
                                "{\"instruction\": \"Add 2 and 2\", \"output\": \"\"}",
                                "{\"instruction\": \"Add 3 and 2\", \"output\": \"5\"}"));
    }

    @Test
    void check_emptyAnswer_isListedWithLineAndReason() {
        Invocation run = Invocation.of("data", "check", file);
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).startsWith("alpaca: ").contains("3 rows, 2 usable, 1 rejected");
        assertThat(run.out()).contains(file + ":2: ");
    }

    @Test
    void check_json_listsRejections() {
        JsonNode json = Invocation.of("data", "check", file, "--json").json();
        assertThat(json.path("format").stringValue()).isEqualTo("alpaca");
        assertThat(json.at("/rejections/0/line").intValue()).isEqualTo(2);
    }

    @Test
    void check_showMask_marksTheAnswerAlone() {
        Invocation run =
                Invocation.of(
                        "data", "check", file, "--show-mask", "1", "--model", Invocation.model());
        assertThat(run.out()).contains(file + ":1\n").containsPattern("\\d+ tokens, \\d+ learnt");
        assertThat(learnt(run.out())).startsWith("3").doesNotContain("Add");
        assertThat(run.out()).doesNotContain(file + ":3\n");
    }

    @Test
    void check_showMaskOfWeights_showsThemBehindTheirTokens() throws Exception {
        Path weighted =
                Files.writeString(
                        directory.resolve("weighted.jsonl"),
                        "{\"messages\": [{\"role\": \"user\", \"content\": \"Add 1 and 2\"},"
                                + " {\"role\": \"assistant\", \"content\": \"3\", \"weight\":"
                                + " 0.5}]}\n");
        Invocation run =
                Invocation.of(
                        "data",
                        "check",
                        weighted,
                        "--show-mask",
                        "1",
                        "--model",
                        Invocation.model());

        assertThat(run.out()).contains("[3]×0.5");
    }

    @Test
    void check_wrongWeight_isNamedWithItsLine() throws Exception {
        Path wrong =
                Files.writeString(
                        directory.resolve("wrong.jsonl"),
                        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\":"
                                + " \"assistant\", \"content\": \"b\", \"weight\": -1}]}\n");

        Invocation run = Invocation.of("data", "check", wrong);

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("'weight' is -1", "wrong.jsonl:1");
    }

    @Test
    void check_showMaskOfAll_marksTheQuestionToo() {
        JsonNode json =
                Invocation.of(
                                "data",
                                "check",
                                file,
                                "--show-mask",
                                "2",
                                "--train-on",
                                "all",
                                "--model",
                                Invocation.model(),
                                "--json")
                        .json();
        assertThat(json.path("masks").size()).isEqualTo(2);
        JsonNode tokens = json.at("/masks/0/sequences/0");
        StringBuilder learnt = new StringBuilder();
        tokens.forEach(token -> {
            if (token.path("learnt").booleanValue()) {
                learnt.append(token.path("text").stringValue());
            }
        });
        assertThat(tokens.get(0).path("learnt").booleanValue()).isFalse();
        assertThat(learnt.toString()).contains("Add 1 and 2", "3");
    }

    @Test
    void check_showMaskWithoutModel_isAUsageError() {
        Invocation run = Invocation.of("data", "check", file, "--show-mask", "1");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--show-mask needs --model");
    }

    /// What stands in brackets.
    private static String learnt(String shown) {
        StringBuilder text = new StringBuilder();
        Matcher matcher = Pattern.compile("\\[([^]]*)]").matcher(shown);
        while (matcher.find()) {
            text.append(matcher.group(1));
        }
        return text.toString();
    }

    @Test
    void stats_withModel_countsTokens() {
        JsonNode json =
                Invocation.of("data", "stats", file, "--model", Invocation.model(), "--json")
                        .json();
        assertThat(json.path("tokens").longValue()).isPositive();
        assertThat(json.at("/statistics/samples").longValue()).isEqualTo(2);
    }

    @Test
    void convert_alpaca_becomesMessages() throws Exception {
        Path out = directory.resolve("messages.jsonl");
        assertThat(Invocation.of("data", "convert", file, "-o", out).exitCode()).isZero();
        assertThat(Files.readAllLines(out)).hasSize(2).allMatch(l -> l.contains("assistant"));
    }

    @Test
    void data_withoutSubcommand_isUsage() {
        Invocation run = Invocation.of("data");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("check, stats or convert");
    }

    @Test
    void check_missingFile_isNamed() {
        Invocation run = Invocation.of("data", "check", directory.resolve("none.jsonl"));
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("none.jsonl");
    }
}
