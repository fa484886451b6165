package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

class ModelCommandsTest {
    @TempDir Path directory;

    @Test
    void export_gguf_writesFileWithModelfileBesideIt() throws Exception {
        Path file = directory.resolve("model.gguf");
        Invocation run =
                Invocation.of("export", Invocation.model(), "--gguf", "q8_0", "-o", file, "--json");
        assertThat(run.exitCode()).isZero();
        assertThat(run.json().path("bytes").longValue()).isEqualTo(Files.size(file));
        assertThat(directory.resolve("Modelfile")).content().contains("FROM ./model.gguf");
    }

    @Test
    void export_unknownType_isUsageWithNearest() {
        Invocation run = Invocation.of("export", Invocation.model(), "--gguf", "q8_9");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("did you mean 'q8_0'?");
    }

    @Test
    void spectrum_half_choosesOneOfTwoLayers() throws Exception {
        Path file = directory.resolve("layers.yaml");
        Invocation run =
                Invocation.of("spectrum", Invocation.model(), "--top", "50", "-o", file, "--json");
        assertThat(run.exitCode()).isZero();
        assertThat(run.json()).hasSize(14);
        assertThat(Files.readString(file))
                .contains("# mlp.down_proj layers")
                .containsOnlyOnce("mlp.down_proj\n");
    }

    @Test
    void merge_modelWithItself_isTheModel() throws Exception {
        Path config =
                Files.writeString(
                        directory.resolve("merge.yml"),
                        """
                        merge_method: linear
                        dtype: float32
                        models:
                          - {model: %1$s, parameters: {weight: 0.5}}
                          - {model: %1$s, parameters: {weight: 0.5}}
                        """
                                .formatted(Invocation.model()));
        Path out = directory.resolve("merged");
        Invocation run = Invocation.of("merge", config, out, "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().path("parameters").longValue()).isEqualTo(139584);
        Path input = Files.writeString(directory.resolve("in.jsonl"), "{\"text\": \"Hello\"}\n");
        assertThat(Invocation.of("score", out, "--input", input).out())
                .isEqualTo(Invocation.of("score", Invocation.model(), "--input", input).out());
    }

    @Test
    void merge_dryRun_writesNothing() throws Exception {
        Path config =
                Files.writeString(
                        directory.resolve("merge.yml"),
                        "merge_method: linear\nmodels:\n  - {model: %s, parameters: {weight: 1}}\n"
                                .formatted(Invocation.model()));
        Path out = directory.resolve("merged");
        Invocation run = Invocation.of("merge", config, out, "--dry-run");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("linear of 1 models").contains("21 tensors");
        assertThat(out).doesNotExist();
    }

    @Test
    void merge_explain_writesEachFileAlsoIntoTheOutput() throws Exception {
        Path config =
                Files.writeString(
                        directory.resolve("merge.yml"),
                        "merge_method: passthrough\nmodels: [{model: %s}]\n"
                                .formatted(Invocation.model()));
        Path out = directory.resolve("merged");
        Path page = out.resolve("explained.html");
        Path numbers = directory.resolve("explained.json");
        Invocation run =
                Invocation.of("merge", config, out, "--explain", page, "--explain", numbers);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(page).content().contains("passthrough merge, explained");
        assertThat(numbers).content().contains("\"copied\" : 21");
        Invocation dry = Invocation.of("merge", config, "--dry-run", "--explain", numbers);
        assertThat(dry.exitCode()).isEqualTo(2);
        assertThat(Invocation.of("merge", config, out, "--explain", "x.txt").exitCode())
                .isEqualTo(2);
    }

    @Test
    void merge_misspeltKey_isNamedWithPlaceAndNearest() throws Exception {
        Path config = Files.writeString(directory.resolve("merge.yml"), "merge_metod: linear\n");
        Invocation run = Invocation.of("merge", config, directory.resolve("out"));
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains(config + ":1:");
    }

    @Test
    void eval_twoModels_makeABoardWithDifferences() throws Exception {
        Path questions =
                Files.write(
                        directory.resolve("holdout.jsonl"),
                        List.of(
                                "{\"question\": \"What?\", \"answer\": \"That.\"}",
                                "{\"question\": \"Who?\", \"answer\": \"She.\"}"));
        Path text = Files.writeString(directory.resolve("manual.txt"), "One thing. Another.\n");
        Path copy = Files.createDirectory(directory.resolve("copy"));
        try (Stream<Path> files = Files.list(Invocation.model())) {
            for (Path each : files.toList()) {
                Files.copy(each, copy.resolve(each.getFileName()));
            }
        }
        Path out = directory.resolve("results");
        Invocation run =
                Invocation.of(
                        "eval",
                        Invocation.model(),
                        copy,
                        "--tasks",
                        "holdout,perplexity:" + text,
                        "--data",
                        "holdout=" + questions,
                        "--max-tokens",
                        "4",
                        "--out",
                        out,
                        "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode tuned = run.json().at("/models/1/tasks");
        assertThat(tuned.at("/holdout/exact_match/difference").doubleValue()).isZero();
        assertThat(tuned.path("perplexity:manual").has("byte_perplexity")).isTrue();
        assertThat(out.resolve("board.md")).content().contains("| holdout");
    }

    @Test
    void eval_unknownTask_saysHowToGiveOne() {
        Invocation run = Invocation.of("eval", Invocation.model(), "--tasks", "nothing");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("--data nothing=FILE");
    }
}
