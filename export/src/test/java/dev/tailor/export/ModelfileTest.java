package dev.tailor.export;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class ModelfileTest {
    @TempDir Path directory;

    @Test
    void sewingModel_hasTemplateStopsAndTemperature() {
        assertThat(Modelfile.of(Golden.directory("sewing"), "./sewing-q8_0.gguf").text())
                .isEqualTo(
                        """
                        FROM ./sewing-q8_0.gguf

                        TEMPLATE \"""{{ range .Messages }}<|im_start|>{{ .Role }}
                        {{ .Content }}<|im_end|>
                        {{ end }}<|im_start|>assistant
                        \"""

                        PARAMETER stop "</s>"
                        PARAMETER stop "<|im_end|>"
                        PARAMETER temperature 0.7
                        """);
    }

    @Test
    void modelWithoutTemplate_continuesText() throws IOException {
        Path model = Golden.variant("untied", directory);

        Modelfile modelfile = Modelfile.of(model, "./base.gguf");

        assertThat(modelfile.template()).hasValue("{{ .Prompt }}");
        assertThat(modelfile.stops()).containsExactly("</s>");
        assertThat(modelfile.text()).startsWith("# The model has no chat template");
    }

    @Test
    void templateThatCannotBeTranslated_isLeftToOllama_andSaid() throws IOException {
        Path model = Golden.copy(Golden.directory("sewing"), directory.resolve("dated"));
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{{ strftime_now('%Y-%m-%d') }}{% for m in messages %}{{ m['content'] }}{% endfor"
                        + " %}");

        Modelfile modelfile = Modelfile.of(model, "./dated.gguf");

        assertThat(modelfile.template()).isEmpty();
        assertThat(modelfile.text())
                .contains("# Ollama reads the one inside the GGUF file")
                .doesNotContain("TEMPLATE \"\"\"");
    }

    @Test
    void temperature_comesFromTheGenerationConfig() throws IOException {
        Path model = Golden.copy(Golden.directory("sewing"), directory.resolve("cool"));
        Files.writeString(
                model.resolve("generation_config.json"),
                "{\"eos_token_id\": 2, \"temperature\": 0.2}");

        assertThat(Modelfile.of(model, "x.gguf").temperature()).isEqualTo(0.2);
    }
}
