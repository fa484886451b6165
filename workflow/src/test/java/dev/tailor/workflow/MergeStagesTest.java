package dev.tailor.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.workflow.recipe.Recipe;
import dev.tailor.workflow.store.RunDirectory;
import dev.tailor.workflow.store.RunRecord;
import dev.tailor.workflow.store.RunRecord.StageRecord;
import dev.tailor.workflow.store.RunRecord.Status;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Merges as stages of a recipe.
class MergeStagesTest {
    /// Two merges: the second uses the first.
    private static final String CHAIN =
            """
            name: half
            merge_method: linear
            models:
            - {model: domain, parameters: {weight: 0.25}}
            - {model: before, parameters: {weight: 0.75}}
            ---
            merge_method: slerp
            base_model: half
            models: [{model: half}, {model: domain}]
            parameters: {t: 0.5}
            """;

    private static final String FRONT =
            """
            tailor: 1
            name: merges
            base: %s
            data:
              corpus:    {path: corpus.txt, kind: text, split: paragraph}
              questions: {path: questions.jsonl}
              choices:   {path: choices.jsonl}
            stages:
            """;

    @TempDir Path directory;
    private final FinishedRun finished = FinishedRun.get();
    private TinyProject project;

    @BeforeEach
    void project() throws IOException {
        project = new TinyProject(directory.resolve("project"));
    }

    @Test
    void lineage_ofAMerge_holdsTheMergesOwnAndTheRecipes() throws IOException {
        Path merged = finished.directory().stage("merged");
        JsonNode lineage =
                JsonMapper.shared().readTree(Files.readAllBytes(merged.resolve("tailor.json")));
        assertThat(lineage.path("stage").stringValue()).isEqualTo("merged");
        assertThat(lineage.path("parents")).hasSize(2);
        JsonNode parents = lineage.path("merge").path("parents");
        assertThat(lineage.path("merge").path("method").stringValue()).isEqualTo("linear");
        try (Checkpoint checkpoint = Checkpoint.open(merged)) {
            for (JsonNode parent : parents) {
                assertThat(parent.path("tensors_crc32").propertyNames())
                        .containsExactlyInAnyOrderElementsOf(checkpoint.names());
            }
        }
        assertThat(parents).hasSize(2);
        assertThat(Files.readString(merged.resolve("README.md")))
                .startsWith("---\n")
                .containsSubsequence(
                        "`domain`, itself made by Tailor: `cpt` of the recipe `tiny` from `fresh`",
                        "\"merge_method\" : \"linear\"",
                        "## Models it comes from",
                        "| domain | `",
                        "| aligned | `",
                        "## Settings",
                        "| method | linear |");
    }

    @Test
    void merge_beforeBetweenAndAfterTrainings_standsInForOne() throws IOException {
        Files.writeString(directory.resolve("project/chain.yml"), CHAIN);
        project.write(
                FRONT.formatted(finished.directory().stage("domain"))
                        + """
                          - merge: {id: before, method: linear, models: [{model: base, parameters: {weight: 1}}, {model: %s, parameters: {weight: 1}}]}
                          - cpt:   {id: domain, from: before, data: corpus, sequence-length: 48, batch-size: 8, max-steps: 1}
                          - merge: {id: middle, file: chain.yml}
                          - sft:   {id: instruct, from: middle, data: questions, tune: {lora: {rank: 2}}, sequence-length: 128, batch-size: 8, max-steps: 1}
                          - merge: {id: after, method: task_arithmetic, base: middle, models: [{model: instruct, parameters: {weight: 0.5}}]}
                          - dpo:   {id: aligned, from: after, data: choices, tune: {lora: {rank: 2}}, sequence-length: 128, batch-size: 8, max-steps: 1}
                          - merge: {id: half, method: linear, models: [{model: domain, parameters: {weight: 0.25}}, {model: before, parameters: {weight: 0.75}}]}
                          - merge: {id: twice, method: slerp, base: half, models: [{model: half}, {model: domain}], parameters: {t: 0.5}}
                        """
                                .formatted(finished.directory().stage("instruct")));
        RunDirectory run = new RunDirectory(directory.resolve("run"));

        RunRecord record = project.run(run);

        assertThat(record.stages()).extracting(StageRecord::status).containsOnly(Status.FINISHED);
        assertThat(run.stage("middle").resolve("model.safetensors"))
                .as("the chain is what its merges are as stages")
                .hasSameBinaryContentAs(run.stage("twice").resolve("model.safetensors"));
        assertThat(Files.readString(run.stage("aligned").resolve("tailor.json")))
                .contains("\"parents\"");
        assertThat(run.stage("middle").resolveSibling("middle.intermediates")).doesNotExist();
        assertThat(project.run(run).stages())
                .extracting(StageRecord::status)
                .containsOnly(Status.REUSED);
    }

    @Test
    void modules_inTheRecipeAndInAFile_areTheSame() throws IOException {
        Path base = finished.directory().stage("domain");
        Files.writeString(
                directory.resolve("project/modules.yml"),
                """
                merge_method: linear
                modules:
                  text:
                    models: [{model: %1$s, parameters: {weight: 1}}, {model: %2$s, parameters: {weight: 1}}]
                """
                        .formatted(base, finished.directory().stage("aligned")));
        project.write(
                FRONT.formatted(base)
                        + """
                          - merge: {id: file, file: modules.yml}
                          - merge: {id: inline, method: linear, modules: {text: {models: [{model: base, parameters: {weight: 1}}, {model: %s, parameters: {weight: 1}}]}}}
                        """
                                .formatted(finished.directory().stage("aligned")));
        RunDirectory run = new RunDirectory(directory.resolve("run"));

        project.run(run);

        assertThat(run.stage("file").resolve("model.safetensors"))
                .hasSameBinaryContentAs(run.stage("inline").resolve("model.safetensors"));
    }

    @Test
    void chain_adapterOnOneOfItsMerges_isRefusedWhenRead() throws IOException {
        Files.writeString(
                directory.resolve("project/chain.yml"),
                CHAIN.replace(
                                "base_model: half\nmodels: [{model: half}",
                                "models: [{model: half+./adapter}")
                        .replace("t: 0.5}", "t: 0.5}\nbase_model: domain"));
        project.write(
                FRONT.formatted(finished.directory().stage("domain"))
                        + """
                          - merge: {id: before, method: linear, models: [{model: base, parameters: {weight: 1}}]}
                          - cpt:   {id: domain, from: before, data: corpus}
                          - merge: {id: middle, file: chain.yml}
                        """);

        TailorException error =
                catchThrowableOfType(
                        TailorException.class, () -> Recipe.read(project.recipe(), List.of()));

        assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(error.render())
                .contains("'half+./adapter' puts an adapter on 'half'", "chain.yml:8:")
                .contains("a merge stage of its own");
    }
}
