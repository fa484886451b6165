package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;
import dev.tailor.tensors.GgufFile;
import dev.tailor.tensors.GgufTensor;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

class GgufCommandTest {
    @TempDir Path directory;
    private final Path model = Invocation.model();
    private Path file;

    @BeforeEach
    void export() {
        file = directory.resolve("model.gguf");
        Invocation export = Invocation.of("export", model, "--gguf", "q5_0", "-o", file);
        assertThat(export.exitCode()).as(export.err()).isZero();
    }

    @Test
    void inspect_exportedFile_showsMetadataAndTypes() {
        Invocation inspect = Invocation.of("gguf", "inspect", file, "--tensors");
        assertThat(inspect.exitCode()).as(inspect.err()).isZero();
        assertThat(inspect.out())
                .containsPattern("general\\.architecture +llama\n")
                .containsPattern("general\\.file_type +8\n")
                .containsPattern("blk\\.0\\.attn_q\\.weight +Q5_0 ")
                .containsPattern("Q5_0 +\\d+ tensors")
                .contains("bits a weight");
    }

    @Test
    void inspect_asJson_holdsEverything() {
        Invocation inspect = Invocation.of("gguf", "inspect", file, "--json");
        assertThat(inspect.exitCode()).as(inspect.err()).isZero();
        JsonNode json = JsonMapper.shared().readTree(inspect.out());
        try (GgufFile gguf = GgufFile.open(file)) {
            assertThat(json.path("metadata").size()).isEqualTo(gguf.metadata().size());
            assertThat(json.path("metadata").path("tokenizer.ggml.tokens").isArray()).isTrue();
            assertThat(json.path("metadata").path("llama.block_count").asInt()).isPositive();
            assertThat(json.path("tensors").size()).isEqualTo(gguf.tensors().size());
        }
    }

    @Test
    void verify_againstItsModel_isNear() {
        Invocation verify = Invocation.of("gguf", "verify", file, "--against", model, "--json");
        assertThat(verify.exitCode()).as(verify.err()).isZero();
        JsonNode json = JsonMapper.shared().readTree(verify.out());
        assertThat(json.path("relative_error").asDouble()).isBetween(0.02, 0.1);
        assertThat(json.path("differences").isEmpty()).isTrue();
    }

    @Test
    void verify_metadataOfAnotherModel_saysWhatDiffers() throws IOException {
        Path other = Files.createDirectories(directory.resolve("other"));
        for (String name : new String[] {"tokenizer.json", "model.safetensors"}) {
            Files.copy(model.resolve(name), other.resolve(name));
        }
        String config = Files.readString(model.resolve("config.json"));
        assertThat(config).contains("\"rms_norm_eps\"");
        Files.writeString(
                other.resolve("config.json"),
                config.replaceFirst("\"rms_norm_eps\": *[^,\n]+", "\"rms_norm_eps\": 0.25"));

        Invocation verify = Invocation.of("gguf", "verify", file, "--against", other);
        assertThat(verify.exitCode()).isEqualTo(3);
        assertThat(verify.out())
                .contains("llama.attention.layer_norm_rms_epsilon is ", "; the model's is 0.25");
    }

    @Test
    void verify_aNumberThatIsNotFinite_isNamed() throws IOException {
        long place;
        try (GgufFile gguf = GgufFile.open(file)) {
            GgufTensor norm = gguf.tensor("output_norm.weight").orElseThrow();
            place = Files.size(file) - distanceToEnd(gguf, norm);
        }
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(place + 4 * 3);
            bytes.write(new byte[] {0, 0, (byte) 0x80, 0x7F});
        }

        Invocation verify = Invocation.of("gguf", "verify", file);
        assertThat(verify.exitCode()).isEqualTo(3);
        assertThat(verify.err())
                .contains("'output_norm.weight' holds Infinity at element 3", file.toString());
    }

    /// Bytes from a tensor's first to the end of the file, which ends with the last tensor.
    private static long distanceToEnd(GgufFile gguf, GgufTensor tensor) {
        GgufTensor last = gguf.tensors().getLast();
        return gguf.data(last.name()).address()
                + gguf.data(last.name()).byteSize()
                - gguf.data(tensor.name()).address();
    }

    @Test
    void verify_fileThatIsCutOff_isRefused() throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.setLength(bytes.length() - 100);
        }
        Invocation verify = Invocation.of("gguf", "verify", file);
        assertThat(verify.exitCode()).isEqualTo(3);
        assertThat(verify.err()).contains(file.toString());
    }
}
