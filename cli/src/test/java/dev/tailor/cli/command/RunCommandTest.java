package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class RunCommandTest {
    @TempDir Path directory;
    private Path recipe;
    private Path run;

    @BeforeEach
    void writeRecipe() throws Exception {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            rows.add(
                    "{\"question\": \"What is %d plus one?\", \"answer\": \"It is %d.\"}"
                            .formatted(i, i + 1));
        }
        Files.write(directory.resolve("qa.jsonl"), rows);
        run = directory.resolve("run");
        recipe =
                Files.writeString(
                        directory.resolve("recipe.yaml"),
                        """
                        tailor: 1
                        name: tiny
                        base: %s
                        data:
                          questions: {path: qa.jsonl, kind: chat}
                        stages:
                          - sft:  {id: clerk, from: base, data: questions, tune: {lora: {rank: 2}}, sequence-length: 64, batch-size: 2, max-steps: 2}
                          - eval: {id: board, models: [base, clerk], tasks: [questions], limit: 3, max-tokens: 2}
                          - gate: {on: clerk, require: {questions.f1: ">= 0"}}
                        """
                                .formatted(Invocation.model()));
    }

    @Test
    void run_twice_reusesEverythingTheSecondTime() {
        Invocation first = Invocation.of("run", recipe, "--out", run);
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(first.out())
                .contains("clerk")
                .contains("gate on clerk: questions.f1")
                .contains("report: " + run.resolve("report.html"));
        assertThat(first.err()).contains("clerk  supervised fine-tuning");
        assertThat(run.resolve("report.html")).exists();

        Invocation second = Invocation.of("run", recipe, "--out", run, "--json");
        assertThat(second.exitCode()).isZero();
        assertThat(second.json().at("/stages/0/status").stringValue()).isEqualTo("reused");
        assertThat(second.err()).contains("unchanged, taken from the earlier run");

        Invocation plan = Invocation.of("plan", recipe, "--out", run, "--no-timing", "--json");
        assertThat(plan.json().at("/stages/0/reused").booleanValue()).isTrue();

        Invocation shown = Invocation.of("runs", "show", run);
        assertThat(shown.out()).contains("tiny: finished").contains("exact_match");
        JsonNode listed = Invocation.of("runs", "ls", directory, "--json").json();
        assertThat(listed.at("/runs/0/name").stringValue()).isEqualTo("tiny");
    }

    @Test
    void run_gateFails_exitsWith4AndNamesTheFigure() {
        Invocation failed =
                Invocation.of(
                        "run",
                        recipe,
                        "--out",
                        run,
                        "--junit",
                        run.resolve("gates.xml"),
                        "--set",
                        "stages.gate.require={questions.f1: '>= 2'}");
        assertThat(failed.exitCode()).isEqualTo(4);
        assertThat(run.resolve("gates.xml"))
                .content()
                .contains("name=\"gate\"", "questions.f1 &gt;= 2", "failures=\"1\"");
        assertThat(failed.err()).contains("questions.f1");
        assertThat(run.resolve("report.html")).exists();
    }

    @Test
    void run_misspeltKey_isNamedWithLineColumnAndNearest() throws Exception {
        Files.writeString(recipe, Files.readString(recipe).replace("max-steps", "max-stps"));
        Invocation failed = Invocation.of("run", recipe, "--out", run);
        assertThat(failed.exitCode()).isEqualTo(3);
        assertThat(failed.err())
                .containsPattern("recipe\\.yaml:7:\\d+: .*max-stps")
                .contains("max-steps");
        assertThat(run).doesNotExist();
    }

    @Test
    void plan_freshRecipe_countsWhatWouldBeDone() {
        Invocation plan = Invocation.of("plan", recipe, "--out", run, "--no-timing");
        assertThat(plan.exitCode()).as(plan.err()).isZero();
        assertThat(plan.out())
                .contains("questions")
                .contains("12 rows, 0 rejected")
                .contains("2 steps")
                .contains("parameters learn")
                .contains("peak memory");
    }

    @Test
    void train_sft_writesAModelDirectory() {
        Path out = directory.resolve("tuned");
        Invocation trained =
                Invocation.of(
                        "train",
                        "sft",
                        "--from",
                        Invocation.model(),
                        "--data",
                        directory.resolve("qa.jsonl"),
                        "--out",
                        out,
                        "--max-steps",
                        "2",
                        "--lora-rank",
                        "2",
                        "--sequence-length",
                        "64",
                        "--batch-size",
                        "2");
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(out.resolve("config.json")).exists();
        assertThat(out.resolve("model.safetensors")).exists();
        assertThat(out.resolve("adapter/adapter_config.json")).exists();
        assertThat(directory.resolve("tuned.run/report.html")).exists();
    }

    @Test
    void train_printRecipe_isARecipeThatReads() throws Exception {
        Invocation printed =
                Invocation.of(
                        "train",
                        "dpo",
                        "--from",
                        Invocation.model(),
                        "--data",
                        "choices.jsonl",
                        "--out",
                        "aligned",
                        "--beta",
                        "0.2",
                        "--lora-rank",
                        "4",
                        "--lora-alpha",
                        "8",
                        "--print-recipe");
        assertThat(printed.exitCode()).as(printed.err()).isZero();
        assertThat(printed.out())
                .contains("  - dpo:\n")
                .contains("beta: 0.2")
                .contains("tune: {lora: {rank: 4, alpha: 8}}");
        Path file = Files.writeString(directory.resolve("printed.yaml"), printed.out());
        assertThat(dev.tailor.workflow.recipe.Recipe.read(file).stages()).hasSize(1);
    }

    @Test
    void train_kto_leavesTheKindOfDataToTheFiles() throws Exception {
        Invocation printed =
                Invocation.of(
                        "train",
                        "kto",
                        "--from",
                        Invocation.model(),
                        "--data",
                        "thumbs.jsonl",
                        "--out",
                        "liked",
                        "--undesirable-weight",
                        "1.5",
                        "--print-recipe");
        assertThat(printed.exitCode()).as(printed.err()).isZero();
        assertThat(printed.out())
                .contains("  - kto:\n")
                .contains("train: {path: [\"thumbs.jsonl\"]}")
                .contains("undesirable-weight: 1.5");
        Path file = Files.writeString(directory.resolve("printed.yaml"), printed.out());
        assertThat(dev.tailor.workflow.recipe.Recipe.read(file).stages()).hasSize(1);
    }

    @Test
    void train_distill_passesTheTeacherOn() throws Exception {
        Invocation printed =
                Invocation.of(
                        "train",
                        "distill",
                        "--from",
                        Invocation.model(),
                        "--teacher",
                        "./large",
                        "--data",
                        "qa.jsonl",
                        "--out",
                        "heir",
                        "--loss",
                        "{kl: 0.8, cross-entropy: 0.2}",
                        "--teaching",
                        "{offline: {top: 32}}",
                        "--print-recipe");
        assertThat(printed.exitCode()).as(printed.err()).isZero();
        Path file = Files.writeString(directory.resolve("printed.yaml"), printed.out());
        assertThat(dev.tailor.workflow.recipe.Recipe.read(file).resolvedYaml())
                .containsPattern("teacher: \"?\\./large")
                .contains("top: 32");

        Invocation refused =
                Invocation.of(
                        "train",
                        "distill",
                        "--from",
                        Invocation.model(),
                        "--data",
                        "x",
                        "--out",
                        "y");
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).contains("the command line: this distill stage has no teacher");
    }

    @Test
    void train_settingsOfTwoTunings_areRefused() {
        Invocation refused =
                Invocation.of(
                        "train",
                        "cpt",
                        "--from",
                        Invocation.model(),
                        "--data",
                        "x",
                        "--out",
                        "y",
                        "--lora-rank",
                        "4",
                        "--spectrum-top",
                        "50");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("full, lora, qlora or spectrum");
    }

    @Test
    void adapter_mergedAndExtracted_standsForTheDifference() {
        Path out = directory.resolve("tuned");
        Invocation.of(
                "train",
                "sft",
                "--from",
                Invocation.model(),
                "--data",
                directory.resolve("qa.jsonl"),
                "--out",
                out,
                "--max-steps",
                "2",
                "--lora-rank",
                "2",
                "--sequence-length",
                "64",
                "--learning-rate",
                "0.01");
        Path merged = directory.resolve("merged");
        Invocation merge =
                Invocation.of(
                        "adapter", "merge", Invocation.model(), out.resolve("adapter"), merged);
        assertThat(merge.exitCode()).as(merge.err()).isZero();
        Path adapter = directory.resolve("extracted");
        Invocation extract =
                Invocation.of(
                        "adapter",
                        "extract",
                        Invocation.model(),
                        merged,
                        adapter,
                        "--rank",
                        "2",
                        "--json");
        assertThat(extract.exitCode()).as(extract.err()).isZero();
        assertThat(extract.json().path("worst_share_left_out").doubleValue()).isLessThan(0.01);
        assertThat(extract.json().at("/modules/0/kept_energy").doubleValue()).isGreaterThan(0.99);
        assertThat(adapter.resolve("adapter_model.safetensors")).exists();
    }
}
