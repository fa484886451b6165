package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;
import dev.tailor.merge.MergeMethod;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

class MergeCommandTest {
    @TempDir Path directory;

    @Test
    void dryRun_plan_groupsEqualLayersAndEstimates() throws IOException {
        Invocation run = Invocation.of("merge", slerp(), "--dry-run");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains(
                        "slerp of 2 models",
                        "(base)",
                        "layers 0-1 (model.layers): 9 tensors each, slerp  t 0 -> 1")
                .containsPattern("  self_attn.q_proj.weight +\\S+ \\[\\d+, \\d+\\]\n")
                .containsPattern("21 tensors, \\S+ weights, \\S+ kB to write, \\S+ MB to read")
                .containsPattern("about \\S+s if 800 MB/s are read and written, \\d+ MB of memory")
                .contains("note: " + directory.resolve("merge.yml") + ":6:3: 'int8_mask' has no");
    }

    @Test
    void dryRun_verbose_showsEveryTensor() throws IOException {
        Invocation run = Invocation.of("merge", slerp(), "--dry-run", "--verbose");
        assertThat(run.out())
                .doesNotContain("layers 0-1")
                .containsPattern("model.layers.0.self_attn.q_proj.weight .*slerp +t 0\n")
                .containsPattern("model.layers.1.self_attn.q_proj.weight .*slerp +t 1\n");
    }

    @Test
    void dryRun_json_holdsEveryTensorWithItsParametersAndInputs() throws IOException {
        JsonNode json = Invocation.of("merge", slerp(), "--dry-run", "--json").json();
        assertThat(json.path("tensors").intValue()).isEqualTo(21);
        assertThat(json.path("seconds").doubleValue()).isPositive();
        assertThat(json.path("plan")).hasSize(21);
        JsonNode tensor =
                json.path("plan")
                        .valueStream()
                        .filter(each ->
                                each.path("name")
                                        .stringValue()
                                        .equals("model.layers.1.mlp.up_proj.weight"))
                        .findFirst()
                        .orElseThrow();
        assertThat(tensor.path("method").stringValue()).isEqualTo("slerp");
        assertThat(tensor.at("/parameters/t").doubleValue()).isEqualTo(1);
        assertThat(tensor.path("shape")).hasSize(2);
        assertThat(tensor.path("inputs")).hasSize(2);
        assertThat(tensor.at("/inputs/0/tensor").stringValue())
                .isEqualTo("model.layers.1.mlp.up_proj.weight");
        assertThat(json.path("notes")).hasSize(1);
    }

    @Test
    void chain_dryRun_showsEveryMerge() throws IOException {
        Invocation run = Invocation.of("merge", chain(), "--dry-run", "--json");
        assertThat(run.jsonLines())
                .extracting(plan -> plan.path("name").asString(""))
                .containsExactly("half", "");
    }

    @Test
    void chain_keepIntermediates_leavesThemBesideTheOutput() throws IOException {
        Path out = directory.resolve("out");
        Invocation run = Invocation.of("merge", chain(), out, "--keep-intermediates");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(out.resolve("model.safetensors")).exists();
        assertThat(directory.resolve("out.intermediates/half/config.json")).exists();
        assertThat(Invocation.of("merge", chain(), out).exitCode()).isZero();
        assertThat(directory.resolve("out.intermediates")).doesNotExist();
    }

    @Test
    void methods_all_areListedWithWhatTheyTake() {
        Invocation run = Invocation.of("merge", "--methods");
        assertThat(run.exitCode()).isZero();
        for (MergeMethod method : MergeMethod.values()) {
            assertThat(run.out()).contains(method.key() + ": " + method.summary());
        }
        assertThat(Invocation.of("merge", "--methods", "ties").out())
                .contains("ties: ", "density", "a number from 0 to 1", "default 1", "required");
    }

    @Test
    void methods_json_isTheTable() {
        JsonNode json = Invocation.of("merge", "--methods", "--json").json();
        assertThat(json.valueStream().map(each -> each.path("name").stringValue()).toList())
                .isEqualTo(Arrays.stream(MergeMethod.values()).map(MergeMethod::key).toList());
        JsonNode slerp = json.get(1);
        assertThat(slerp.path("most_models").intValue()).isEqualTo(2);
        assertThat(slerp.at("/parameters/0/required").booleanValue()).isTrue();
        assertThat(json.get(0).has("most_models")).isFalse();
    }

    @Test
    void methods_unknownName_isUsageWithTheNearest() {
        Invocation run = Invocation.of("merge", "--methods", "tise");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("did you mean 'ties'?");
    }

    @Test
    void arguments_missing_areUsage() throws IOException {
        assertThat(Invocation.of("merge").exitCode()).isEqualTo(2);
        Invocation run = Invocation.of("merge", slerp());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("name the model directory to write");
    }

    @Test
    void completion_methods_areCompleted() {
        assertThat(Invocation.of("completion").out()).contains("\"breadcrumbs_ties\"");
    }

    private Path slerp() throws IOException {
        return Files.writeString(
                directory.resolve("merge.yml"),
                """
                merge_method: slerp
                base_model: %1$s
                models: [{model: %1$s}, {model: %2$s}]
                parameters:
                  t: [0, 1]
                  int8_mask: true
                """
                        .formatted(Invocation.model(), other()));
    }

    private Path chain() throws IOException {
        return Files.writeString(
                directory.resolve("chain.yml"),
                """
                name: half
                merge_method: linear
                models: [{model: %1$s}, {model: %2$s}]
                parameters: {weight: 1}
                ---
                merge_method: linear
                models: [{model: half}, {model: %2$s}]
                parameters: {weight: 1}
                """
                        .formatted(Invocation.model(), other()));
    }

    /// The same model in another place.
    private Path other() throws IOException {
        Path other = Files.createDirectories(directory.resolve("other"));
        for (String name : List.of("config.json", "model.safetensors")) {
            Path target = other.resolve(name);
            if (!Files.exists(target)) {
                Files.copy(Invocation.model().resolve(name), target);
            }
        }
        return other;
    }
}
