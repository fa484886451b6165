package dev.tailor.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.export.DirectoryCheck.Severity;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class DirectoryCheckTest {
    @TempDir Path directory;
    private Path model;

    @BeforeEach
    void copyModel() throws IOException {
        model = Golden.copy(Golden.directory("sewing"), directory.resolve("sewing"));
    }

    @Test
    void modelWrittenByTransformers_hasNoFindings() {
        DirectoryCheck check = DirectoryCheck.of(model);

        assertThat(check.findings()).isEmpty();
        assertThat(check.loads()).isTrue();
    }

    @Test
    void configWithoutArchitecture_doesNotLoad() throws IOException {
        replace("config.json", "\"architectures\"", "\"was_architectures\"");

        assertError("config.json", "'architectures' is missing");
    }

    @Test
    void tensorOfAnotherShape_isNamed() throws IOException {
        replace("config.json", "\"intermediate_size\": 128", "\"intermediate_size\": 256");

        assertError("model.layers.0.mlp.gate_proj.weight", "[128, 64]");
    }

    @Test
    void dtypeThatIsNotTheWeights_isAWarning() throws IOException {
        replace("config.json", "\"dtype\": \"bfloat16\"", "\"dtype\": \"float32\"");

        DirectoryCheck check = DirectoryCheck.of(model);

        assertThat(check.loads()).isTrue();
        assertThat(check.findings())
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                    assertThat(finding.what())
                            .isEqualTo("says float32, but the weights are bfloat16");
                });
    }

    @Test
    void endTokenBeyondTheEmbedding_isAnError() throws IOException {
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": [2, 512]}");

        assertError("generation_config.json", "eos_token_id is 512");
    }

    @Test
    void brokenTemplate_isNamed_andTheRestStillExamined() throws IOException {
        Files.writeString(model.resolve("chat_template.jinja"), "{% for m in messages %}");
        Files.delete(model.resolve("tokenizer_config.json"));

        DirectoryCheck check = DirectoryCheck.of(model);

        assertThat(check.loads()).isFalse();
        assertThat(check.findings().getFirst().where()).contains("chat_template.jinja");
        assertThat(check.findings())
                .anySatisfy(
                        finding -> assertThat(finding.where()).isEqualTo("tokenizer_config.json"));
    }

    @Test
    void emptyDirectory_hasErrorsInsteadOfFailing() throws IOException {
        assertThat(DirectoryCheck.of(Files.createDirectory(directory.resolve("empty"))).loads())
                .isFalse();
    }

    private void assertError(String where, String what) {
        DirectoryCheck check = DirectoryCheck.of(model);
        assertThat(check.loads()).isFalse();
        assertThat(check.findings())
                .anySatisfy(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                    assertThat(finding.where()).isEqualTo(where);
                    assertThat(finding.what()).contains(what);
                });
    }

    private void replace(String file, String from, String to) throws IOException {
        String text = Files.readString(model.resolve(file));
        assertThat(text).contains(from);
        Files.writeString(model.resolve(file), text.replace(from, to));
    }
}
