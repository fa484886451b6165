package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// What users see of a model that is not whole: what is wrong, exit code 3, and no result.
class DamagedModelTest {
    private static final String UP = "model.layers.1.mlp.up_proj.weight";

    @TempDir Path directory;
    private Path model;

    @BeforeEach
    void copyModel() throws IOException {
        model = Files.createDirectory(directory.resolve("model"));
        try (Stream<Path> files = Files.list(Invocation.model())) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void missingTensor_isNamed() throws IOException {
        rewrite(tensors -> tensors.stream().filter(info -> !info.name().equals(UP)).toList());

        assertRefused(UP);
    }

    @Test
    void extraTensor_isNamed() throws IOException {
        TensorInfo extra = TensorInfo.of("model.layers.1.mlp.surprise.weight", DType.F32, 4);
        rewrite(tensors -> Stream.concat(tensors.stream(), Stream.of(extra)).toList());

        assertRefused(extra.name());
    }

    @Test
    void tensorOfAnotherShape_isNamedWithBothShapes() throws IOException {
        rewrite(tensors ->
                tensors.stream()
                        .map(info ->
                                info.name().equals(UP)
                                        ? TensorInfo.of(UP, info.dtype(), 7, 3)
                                        : info)
                        .toList());

        assertRefused(UP, "[7, 3]");
    }

    @Test
    void truncatedFile_isSaidToBe() throws IOException {
        Path weights = model.resolve("model.safetensors");
        try (FileChannel file = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            file.truncate(Files.size(weights) / 2);
        }

        assertRefused("model.safetensors", "truncated");
    }

    @Test
    void missingFile_isNamed() throws IOException {
        Files.delete(model.resolve("model.safetensors"));

        assertRefused("no model.safetensors");
    }

    @Test
    void tokenizerBeyondTheEmbedding_namesTheFirstTokenWithoutARow() throws IOException {
        Path file = model.resolve("config.json");
        String config = Files.readString(file);
        Files.writeString(file, config.replaceFirst("\"vocab_size\": \\d+", "\"vocab_size\": 400"));
        rewrite(tensors ->
                tensors.stream()
                        .map(info ->
                                info.name().matches("lm_head.weight|model.embed_tokens.weight")
                                        ? TensorInfo.of(
                                                info.name(),
                                                info.dtype(),
                                                400,
                                                info.shape().getLast())
                                        : info)
                        .toList());

        assertRefused("tokenizer.json", "400");
    }

    @Test
    void unknownArchitecture_isNamedWithItsFile() throws IOException {
        Path file = model.resolve("config.json");
        Files.writeString(
                file, Files.readString(file).replace("LlamaForCausalLM", "FooForCausalLM"));

        Invocation generate =
                Invocation.of("generate", model, "--prompt", "a", "--max-tokens", "1");

        assertThat(generate.exitCode()).isEqualTo(3);
        assertThat(generate.err()).contains(file + ": unknown architecture 'FooForCausalLM'");
    }

    @Test
    void weightsThatAreNoNumbers_areNotPassedOver() throws IOException {
        try (FileChannel file =
                FileChannel.open(model.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
            // The last numbers of the file, whichever tensor they belong to.
            ByteBuffer nan = ByteBuffer.allocate(64);
            while (nan.hasRemaining()) {
                nan.put((byte) 0xFF);
            }
            file.write(nan.flip(), file.size() - 64);
        }

        Invocation generate =
                Invocation.of("generate", model, "--prompt", "a", "--max-tokens", "1");
        Invocation score = Invocation.of("score", model, "--input", line("{\"text\": \"a b c\"}"));
        Invocation export =
                Invocation.of("export", model, "--gguf", "f32", "-o", directory.resolve("a.gguf"));

        assertThat(List.of(generate, score, export))
                .allSatisfy(run -> {
                    assertThat(run.exitCode()).isEqualTo(3);
                    assertThat(run.out()).isEmpty();
                });
        assertThat(generate.err()).contains("not numbers (NaN)");
        assertThat(directory.resolve("a.gguf")).doesNotExist();
    }

    /// Generating, training and exporting all refuse, and leave nothing.
    private void assertRefused(String... named) throws IOException {
        Path tuned = directory.resolve("tuned");
        Path gguf = directory.resolve("out.gguf");
        List<Invocation> runs =
                List.of(
                        Invocation.of("generate", model, "--prompt", "a", "--max-tokens", "1"),
                        Invocation.of(
                                "train",
                                "sft",
                                "--from",
                                model,
                                "--data",
                                line("{\"prompt\": \"one\", \"completion\": \"two\"}"),
                                "--out",
                                tuned,
                                "--max-steps",
                                "1"),
                        Invocation.of("export", model, "--gguf", "f16", "-o", gguf));

        assertThat(runs)
                .allSatisfy(run -> {
                    assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
                    assertThat(run.out()).isEmpty();
                });
        assertThat(runs.getFirst().err()).contains(named);
        assertThat(runs.get(1).err()).contains(named);
        assertThat(tuned).doesNotExist();
        assertThat(gguf).doesNotExist();
    }

    private Path line(String json) throws IOException {
        return Files.writeString(directory.resolve("line.jsonl"), json + "\n");
    }

    /// Writes the weights again with another list of tensors; what was not there before is zeros.
    private void rewrite(UnaryOperator<List<TensorInfo>> change) throws IOException {
        Path weights = model.resolve("model.safetensors");
        Path before = Files.move(weights, directory.resolve("before.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(before);
                Arena arena = Arena.ofConfined()) {
            List<TensorInfo> layout = change.apply(checkpoint.tensors());
            try (SafetensorsWriter writer =
                    SafetensorsWriter.create(model, layout, Long.MAX_VALUE, Map.of())) {
                for (TensorInfo info : layout) {
                    boolean same =
                            checkpoint.contains(info.name())
                                    && checkpoint.info(info.name()).equals(info);
                    writer.write(
                            info.name(),
                            0,
                            same ? checkpoint.data(info.name()) : arena.allocate(info.bytes(), 8));
                }
                writer.finish();
            }
        }
    }
}
