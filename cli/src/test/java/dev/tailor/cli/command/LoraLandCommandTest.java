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
import java.nio.file.attribute.FileTime;

/// `tailor loraland`, and what boards and histories make of its results.
class LoraLandCommandTest {
    @TempDir Path directory;

    private void rows() throws IOException {
        StringBuilder films = new StringBuilder();
        StringBuilder sums = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            films.append("{\"sentence\": \"take %d \", \"label\": %d}\n".formatted(i, i % 2));
            sums.append(
                    "{\"question\": \"%d + 1?\", \"answer\": \"#### %d\"}\n".formatted(i, i + 1));
        }
        Files.writeString(directory.resolve("films.jsonl"), films);
        Files.writeString(directory.resolve("sums.jsonl"), sums);
        Files.writeString(
                directory.resolve("map.yaml"),
                "loraland_glue_sst2: films.jsonl\ngsm8k: sums.jsonl\n");
    }

    private Invocation loraLand(String tasks, Object... more) {
        java.util.List<Object> words =
                new java.util.ArrayList<>(
                        java.util.List.of(
                                "loraland",
                                "--base",
                                Invocation.model(),
                                "--tasks",
                                tasks,
                                "--data-map",
                                directory.resolve("map.yaml"),
                                "--hold-out",
                                "0.4",
                                "--max-steps",
                                "1",
                                "--sequence-length",
                                "64",
                                "-o",
                                directory.resolve("land")));
        words.addAll(java.util.List.of(more));
        return Invocation.of(words.toArray());
    }

    @Test
    void loraLand_tunesMeasuresAndGoesOn() throws Exception {
        rows();
        Path land = directory.resolve("land");
        Invocation first = loraLand("glue_sst2,drop,gsm8k", "--shots", "0,1", "--limit", 4);
        assertThat(first.exitCode()).as(first.err()).isEqualTo(3);
        assertThat(first.err()).contains("the task 'loraland_drop' has no data");
        JsonNode state =
                JsonMapper.shared().readTree(Files.readString(land.resolve("loraland.json")));
        assertThat(state.at("/tasks/0/state").stringValue()).isEqualTo("done");
        assertThat(state.at("/tasks/1/state").stringValue()).isEqualTo("failed");
        assertThat(state.at("/tasks/2/category").stringValue()).isEqualTo("Math");
        Path task = land.resolve("tasks/loraland_glue_sst2");
        assertThat(task.resolve("adapter/adapter_config.json")).exists();
        assertThat(task.resolve("run/stages/loraland_glue_sst2")).doesNotExist();
        assertThat(Files.readAllLines(task.resolve("train.jsonl")).getFirst())
                .contains("From a film review: take", "\"completion\":\" ");
        JsonNode board = JsonMapper.shared().readTree(Files.readString(land.resolve("board.json")));
        assertThat(board.path("gains").size()).isEqualTo(2);
        assertThat(board.at("/gains/0/shots").size()).isEqualTo(2);

        FileTime trained = Files.getLastModifiedTime(task.resolve("run/events.jsonl"));
        Invocation again = loraLand("glue_sst2,gsm8k", "--shots", "0,1", "--limit", 4);
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.err()).contains("loraland_gsm8k  done before");
        assertThat(Files.getLastModifiedTime(task.resolve("run/events.jsonl"))).isEqualTo(trained);

        Invocation shown = Invocation.of("eval", "board", land, "--json");
        assertThat(shown.exitCode()).as(shown.err()).isZero();
        assertThat(shown.json().at("/gains/1/category").stringValue()).isEqualTo("Math");
        assertThat(shown.json().path("gains")).isEqualTo(board.path("gains"));
    }

    @Test
    void oneFileForBoth_withoutHoldOut_isRefusedWithTheWayOut() throws Exception {
        rows();
        Invocation run =
                Invocation.of(
                        "loraland",
                        "--base",
                        Invocation.model(),
                        "--tasks",
                        "gsm8k",
                        "--data",
                        "gsm8k=" + directory.resolve("sums.jsonl"),
                        "-o",
                        directory.resolve("land"));
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err())
                .contains("has one file for training and evaluation", "--hold-out 0.2");
        assertThat(loraLand("gsm8k", "--hold-out", "2").exitCode()).isEqualTo(2);
    }

    @Test
    void eval_atSeveralShots_drawsCurvesAndAHistory() throws Exception {
        rows();
        for (String run : java.util.List.of("r1", "r2")) {
            Invocation eval =
                    Invocation.of(
                            "eval",
                            Invocation.model(),
                            "--tasks",
                            "loraland_gsm8k",
                            "--data",
                            "gsm8k=" + directory.resolve("sums.jsonl"),
                            "--shots",
                            "0,2",
                            "--limit",
                            4,
                            "--max-tokens",
                            4,
                            "--out",
                            directory.resolve(run));
            assertThat(eval.exitCode()).as(eval.err()).isZero();
        }
        assertThat(Files.readString(directory.resolve("r1/report.html")))
                .contains("loraland_gsm8k, number_accuracy", "<svg", "2 shots");
        Invocation history =
                Invocation.of(
                        "eval",
                        "history",
                        directory.resolve("r2"),
                        directory.resolve("r1"),
                        "--out",
                        directory.resolve("history"));
        assertThat(history.exitCode()).as(history.err()).isZero();
        assertThat(history.out()).containsPattern("r1 +r2 +last change");
        assertThat(directory.resolve("history/history.html")).exists();
        Invocation none = Invocation.of("eval", "history", directory.resolve("absent"));
        assertThat(none.exitCode()).isEqualTo(3);
        Invocation nothing = Invocation.of("eval", Invocation.model());
        assertThat(nothing.exitCode()).isEqualTo(2);
        assertThat(nothing.err()).contains("--tasks");
    }
}
