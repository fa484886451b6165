package dev.tailor.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Files of every family, against the logits that transformers computed from the same models.
class FamiliesInLlamaCppTest {
    private static final Path MODELS =
            Path.of(System.getProperty("tailor.shared", "absent")).resolve("golden/model");

    /// The first of the recorded sequences, which has no padding.
    private static final int TOKENS = 24;

    /// llama.cpp of this release ends itself for a Gemma 2 of any other size than the published.
    private static final int LAYERS_OF_GEMMA2 = 26;

    @TempDir Path directory;

    @BeforeEach
    void needsTheRecordedModels() {
        assumeTrue(Files.isDirectory(MODELS), "needs the recorded models of the families");
    }

    @Test
    void familiesThatLlamaCppKnows_haveTheLogitsOfTransformers() throws Exception {
        List<String> names = List.of("qwen2", "gemma2", "granite", "mixtral", "qwen2_moe");
        List<LlamaCpp.Job> jobs = new ArrayList<>();
        for (String name : names) {
            Path model = model(name);
            if (name.equals("gemma2")) {
                addIdleLayers(model, LAYERS_OF_GEMMA2);
            }
            jobs.add(LlamaCpp.Job.generate(export(model), List.of(tokens(model, TOKENS)), 0));
        }

        List<LlamaCpp.Answer> answers = LlamaCpp.run(directory, jobs);

        Map<String, Double> distances = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            List<Float> expected = logits(directory.resolve(names.get(i)), TOKENS - 1);
            distances.put(names.get(i), LlamaCpp.distance(answers.get(i).logits(), expected));
        }
        assertThat(distances).allSatisfy((name, distance) -> assertThat(distance).isLessThan(1e-3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "qwen3_moe", "arcee", "olmo2"})
    void familiesThatThisLlamaCppLacks_areWrittenWithoutLoss(String name) throws Exception {
        Path model = model(name);

        ExportResult result =
                GgufExport.export(
                        model,
                        GgufOptions.of(GgufType.F32),
                        directory.resolve("exact.gguf"),
                        Event.Listener.none(),
                        Cancellation.never());

        assertThat(result.maxAbsoluteError()).isZero();
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            assertThat(result.parameters())
                    .isEqualTo(checkpoint.tensors().stream().mapToLong(t -> t.elements()).sum());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma3_text", "phi3", "smollm3"})
    void familiesWithoutProof_areRefused(String name) throws Exception {
        Path model = model(name);

        assertThatThrownBy(() -> export(model))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_INVALID))
                .hasMessageContaining(name);
    }

    private Path model(String name) throws IOException {
        Path model = Golden.copy(MODELS.resolve(name), directory.resolve(name));
        return Golden.copy(MODELS.resolve("tokenizer"), model);
    }

    /// Layers of zeros, whose blocks add nothing: the logits stay.
    private static void addIdleLayers(Path model, int layers) throws IOException {
        Path file = model.resolve("model.safetensors");
        Path old = Files.move(file, model.resolve("old.safetensors"));
        try (Checkpoint source = Checkpoint.open(old)) {
            List<TensorInfo> layout = new ArrayList<>(source.tensors());
            for (TensorInfo info : source.tensors()) {
                for (int layer = 2; info.name().contains(".layers.0.") && layer < layers; layer++) {
                    String name = info.name().replace(".0.", "." + layer + ".");
                    layout.add(new TensorInfo(name, info.dtype(), info.shape()));
                }
            }
            try (SafetensorsWriter writer =
                    SafetensorsWriter.create(model, layout, Long.MAX_VALUE, Map.of())) {
                for (TensorInfo info : layout) {
                    MemorySegment bytes =
                            source.contains(info.name())
                                    ? source.data(info.name())
                                    : MemorySegment.ofArray(new byte[(int) info.bytes()]);
                    writer.write(info.name(), 0, bytes);
                }
                writer.finish();
            }
        }
        Files.delete(old);
        Golden.edit(
                model.resolve("config.json"),
                config -> {
                    config.put("num_hidden_layers", layers);
                    config.remove("layer_types");
                });
    }

    private Path export(Path model) {
        Path file = directory.resolve(model.getFileName() + ".gguf");
        GgufExport.export(
                model,
                GgufOptions.of(GgufType.F32),
                file,
                Event.Listener.none(),
                Cancellation.never());
        return file;
    }

    private static List<Integer> tokens(Path model, int count) {
        try (Checkpoint golden = Checkpoint.open(model.resolve("golden.safetensors"))) {
            MemorySegment ids = golden.data("input_ids");
            List<Integer> tokens = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                tokens.add((int) ids.get(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i));
            }
            return tokens;
        }
    }

    private static List<Float> logits(Path model, int position) {
        try (Checkpoint golden = Checkpoint.open(model.resolve("golden.safetensors"))) {
            MemorySegment logits = golden.data("logits");
            long rows = golden.info("logits").shape().getLast();
            List<Float> values = new ArrayList<>();
            for (long i = position * rows; i < (position + 1) * rows; i++) {
                values.add(logits.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i));
            }
            return values;
        }
    }
}
