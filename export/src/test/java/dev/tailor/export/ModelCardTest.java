package dev.tailor.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.yaml.Yaml;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

class ModelCardTest {
    @TempDir Path directory;

    private static ModelCard card() {
        return ModelCard.of(
                        "grid-assistant", "Answers questions about the grid operator's handbook.")
                .madeFrom(
                        List.of("hf:org/base-135M@main", "./models/own"), Optional.of("apache-2.0"))
                .tagged(List.of("sft", "dpo", "tailor"), List.of("en", "no"))
                .withSteps(
                        List.of(
                                new ModelCard.Step(
                                        "cpt", "Continued pre-training,\n50 % of layers."),
                                new ModelCard.Step("sft", "LoRA of rank 16.")),
                        List.of(new ModelCard.Data("qa.jsonl", 1234, Optional.of("ab12"))))
                .withMetrics(
                        List.of(
                                new ModelCard.Metric(
                                        "holdout",
                                        "exact_match",
                                        0.6125,
                                        OptionalDouble.of(0.05445),
                                        OptionalDouble.of(0.0125)),
                                new ModelCard.Metric(
                                        "manuals | all",
                                        "perplexity",
                                        12.3456,
                                        OptionalDouble.empty(),
                                        OptionalDouble.empty())))
                .withFacts(Map.of("seed", "42"));
    }

    @Test
    void text_ofACard_isFrontMatterAndTables() {
        assertThat(card().text())
                .isEqualTo(
                        """
                        ---
                        license: apache-2.0
                        base_model:
                        - org/base-135M
                        language:
                        - en
                        - "no"
                        library_name: transformers
                        pipeline_tag: text-generation
                        tags:
                        - tailor
                        - sft
                        - dpo
                        ---

                        # grid-assistant

                        Answers questions about the grid operator's handbook.

                        ## How it was made

                        Made from: `hf:org/base-135M@main`, `./models/own`

                        1. **cpt**: Continued pre-training, 50 % of layers.
                        2. **sft**: LoRA of rank 16.

                        ## Measured

                        | task | metric | base | this model | change |
                        | --- | --- | ---: | ---: | ---: |
                        | holdout | exact_match | 0.0125 | 0.6125 ± 0.0545 | +0.6000 |
                        | manuals \\| all | perplexity |  | 12.35 |  |

                        ## Data

                        | data | rows | SHA-256 |
                        | --- | ---: | --- |
                        | qa.jsonl | 1,234 | `ab12` |

                        ## To make it again

                        |  |  |
                        | --- | --- |
                        | seed | 42 |
                        """);
    }

    @Test
    void frontMatter_withTextsThatLookLikeOtherThings_staysTheSameInYaml() throws IOException {
        List<String> tags = List.of("yes", "1.5", "a: b", "#x", "\"quoted\"", "gruß", "null");
        Files.writeString(
                directory.resolve("x"), ModelCard.of("m", "s").tagged(tags, List.of()).text());
        String yaml = Files.readString(directory.resolve("x")).split("---\n")[1];

        Map<?, ?> read = (Map<?, ?>) Yaml.parse(directory, yaml).getFirst().plain();

        assertThat(read.get("tags"))
                .isEqualTo(
                        List.of(
                                "tailor",
                                "yes",
                                "1.5",
                                "a: b",
                                "#x",
                                "\"quoted\"",
                                "gruß",
                                "null"));
    }

    @Test
    void licenseOf_aModelWithACard_isRead_andBrokenCardsAreSkipped() throws IOException {
        card().write(directory);
        assertThat(ModelCard.licenseOf(directory)).hasValue("apache-2.0");

        Files.writeString(directory.resolve("README.md"), "---\nlicense: [\n---\n# broken");
        assertThat(ModelCard.licenseOf(directory)).isEmpty();
        Files.writeString(directory.resolve("README.md"), "# no front matter");
        assertThat(ModelCard.licenseOf(directory)).isEmpty();
        assertThat(ModelCard.licenseOf(directory.resolve("nowhere"))).isEmpty();
    }
}
