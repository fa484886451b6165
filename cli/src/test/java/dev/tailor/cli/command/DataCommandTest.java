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
