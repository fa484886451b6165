package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.yaml.FrontMatter;
import dev.tailor.tensors.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The card of a merged model.
class ModelCardTest {
    private static final String LINEAR =
            """
            # half and half
            merge_method: linear
            models: [{model: a}, {model: b}]   # both of them
            parameters: {weight: 0.5}
            """;

    @TempDir Path directory;

    @Test
    void configuration_isTheTextAsItWasWritten() throws IOException {
        parents("", "");
        assertThat(card(LINEAR)).contains("```yaml\n" + LINEAR + "```");
    }

    @Test
    void configuration_withAFenceInIt_staysWithinItsBlock() throws IOException {
        parents("", "");
        assertThat(card(LINEAR + "# ```\n")).contains("````yaml\n" + LINEAR + "# ```\n````");
    }

    @Test
    void configuration_ofAChain_isTheWholeFile() throws IOException {
        parents("", "");
        String chain =
                """
                name: half
                merge_method: linear
                models: [{model: a}, {model: b}]
                parameters: {weight: 0.5}
                ---
                merge_method: passthrough   # as it is
                models: [{model: half}]
                """;
        Path config = Files.writeString(directory.resolve("merge.yml"), chain);
        Path output = directory.resolve("out");
        Path explained = directory.resolve("explained.json");
        Merge.run(
                MergeChain.read(config),
                Merge.resolver(config),
                output,
                MergeOptions.standard().withExplanations(List.of(explained)),
                false,
                Event.Listener.none(),
                Cancellation.never());
        assertThat(output.resolve("README.md"))
                .content()
                .contains("```yaml\n" + chain + "```")
                .contains("- `half`, itself made by Tailor: `merge (linear)` from `a`, `b`");
        assertThat(explained).content().contains("\"copied\" : 1");
    }

    @Test
    void licence_sameOfAll_isTheModels() throws IOException {
        parents("license: apache-2.0", "license: apache-2.0");
        assertThat(card(LINEAR)).contains("All models it is made of are under `apache-2.0`.");
        assertThat(frontMatter("license")).isEqualTo("apache-2.0");
    }

    @Test
    void licence_namedByItsAuthorAndSameOfAll_keepsNameAndLink() throws IOException {
        String license = "license: other\nlicense_name: llama3\nlicense_link: LICENSE";
        parents(license, license);
        card(LINEAR);
        assertThat(frontMatter("license")).isEqualTo("other");
        assertThat(frontMatter("license_name")).isEqualTo("llama3");
        assertThat(frontMatter("license_link")).isEqualTo("LICENSE");
    }

    @Test
    void licences_different_areListedWithAWarning() throws IOException {
        parents("license: apache-2.0", "license: other\nlicense_name: llama3");
        assertThat(card(LINEAR))
                .contains("not under one licence", "- `a`: `apache-2.0`\n- `b`: `llama3 (other)`");
        assertThat(frontMatter("license")).isEqualTo("other");
        assertThat(frontMatter("license_name")).isEmpty();
    }

    @Test
    void licence_missingInOneModel_isListedWithAWarning() throws IOException {
        parents("license: mit", "");
        assertThat(card(LINEAR))
                .contains("not under one licence", "- `a`: `mit`\n- `b`: no licence named");
        assertThat(frontMatter("license")).isEqualTo("other");
    }

    @Test
    void licence_namedByNone_isLeftOutWithAWarning() throws IOException {
        parents("", "");
        assertThat(card(LINEAR)).contains("None of the models it is made of names a licence.");
        assertThat(frontMatter("license")).isEmpty();
    }

    @Test
    void models_ofTheHubsCache_areBaseModels() throws IOException {
        String cached = "models--org--small/snapshots/abc";
        model("a", "");
        model(cached, "");
        String card =
                card(
                        """
                        merge_method: linear
                        models: [{model: a}, {model: %s}]
                        parameters: {weight: 0.5}
                        """
                                .formatted(cached));
        assertThat(card).contains("base_model:\n- org/small\nlibrary_name: transformers");
    }

    @Test
    void tags_nameTheMethod() throws IOException {
        parents("", "");
        assertThat(card(LINEAR))
                .contains("tags:\n- tailor\n- merge\n- linear\n---")
                .contains("`linear` merge: weighted mean of the models (Wortsman et al. 2022")
                .contains("computed in float32 and rounded once, stored as float32.")
                .doesNotContain("seed");
    }

    @Test
    void parent_madeByTailor_isShownWithItsLineage() throws IOException {
        parents("", "");
        Files.writeString(
                directory.resolve("a/tailor.json"),
                "{\"recipe\": \"clerk\", \"kind\": \"sft\", \"parents\": [{\"name\": \"base\"}]}");
        Files.writeString(directory.resolve("b/tailor.json"), "[broken");
        assertThat(card(LINEAR))
                .contains("- `a`, itself made by Tailor: `sft` of the recipe `clerk` from `base`\n")
                .contains("- `b`\n");
    }

    @Test
    void randomMethod_namesItsSeed() throws IOException {
        parents("", "");
        String card =
                card(
                        """
                        merge_method: dare_linear
                        base_model: a
                        models: [{model: b, parameters: {weight: 1, density: 0.5}}]
                        """);
        assertThat(card).contains("with the seed 42.", "- `a` (base model)");
    }

    private void parents(String a, String b) throws IOException {
        model("a", a);
        model("b", b);
    }

    private void model(String name, String frontMatter) throws IOException {
        Path model =
                new TinyModel()
                        .tensor(
                                "model.layers.0.mlp.up_proj.weight",
                                DType.F32,
                                new float[] {name.length(), 2},
                                2)
                        .write(directory.resolve(name));
        if (!frontMatter.isEmpty()) {
            Files.writeString(
                    model.resolve("README.md"), "---\n" + frontMatter + "\n---\n\n# A model\n");
        }
    }

    private String card(String yaml) throws IOException {
        Path config = Files.writeString(directory.resolve("merge.yml"), yaml);
        Merge.run(
                Merge.plan(config),
                directory.resolve("out"),
                MergeOptions.standard(),
                Event.Listener.none(),
                Cancellation.never());
        return Files.readString(directory.resolve("out/README.md"));
    }

    private String frontMatter(String key) {
        return FrontMatter.read(directory.resolve("out/README.md")).text(key).orElse("");
    }
}
