package dev.tailor.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.GgmlType;
import dev.tailor.tensors.GgufFile;
import dev.tailor.tensors.GgufValue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

class GgufExportTest {

    @TempDir Path directory;

    @Test
    void metadata_ofTheSewingModel_isComplete() {
        Path file = directory.resolve("sewing.gguf");
        export(Golden.directory("sewing"), GgufType.Q8_0, file);

        try (GgufFile gguf = GgufFile.open(file)) {
            Map<String, GgufValue> metadata = gguf.metadata();
            assertThat(metadata)
                    .containsEntry("general.architecture", GgufValue.text("llama"))
                    .containsEntry("general.name", GgufValue.text("sewing"))
                    .containsEntry("general.file_type", GgufValue.uint32(7))
                    .containsEntry("llama.block_count", GgufValue.uint32(2))
                    .containsEntry("llama.context_length", GgufValue.uint32(256))
                    .containsEntry("llama.embedding_length", GgufValue.uint32(64))
                    .containsEntry("llama.feed_forward_length", GgufValue.uint32(128))
                    .containsEntry("llama.attention.head_count", GgufValue.uint32(4))
                    .containsEntry("llama.attention.head_count_kv", GgufValue.uint32(2))
                    .containsEntry(
                            "llama.attention.layer_norm_rms_epsilon", GgufValue.float32(1e-6))
                    .containsEntry("llama.rope.dimension_count", GgufValue.uint32(16))
                    .containsEntry("llama.rope.freq_base", GgufValue.float32(10_000))
                    .containsEntry("llama.vocab_size", GgufValue.uint32(512))
                    .containsEntry("tokenizer.ggml.model", GgufValue.text("gpt2"))
                    .containsEntry("tokenizer.ggml.pre", GgufValue.text("gpt-2"))
                    .containsEntry("tokenizer.ggml.bos_token_id", GgufValue.uint32(1))
                    .containsEntry("tokenizer.ggml.eos_token_id", GgufValue.uint32(2))
                    .containsEntry("tokenizer.ggml.eot_token_id", GgufValue.uint32(4))
                    .containsEntry("tokenizer.ggml.padding_token_id", GgufValue.uint32(0))
                    .containsEntry("tokenizer.ggml.add_bos_token", GgufValue.bool(false));
            assertThat(texts(metadata, "tokenizer.ggml.tokens"))
                    .hasSize(512)
                    .startsWith("<pad>", "<s>", "</s>", "<|im_start|>", "<|im_end|>");
            assertThat(texts(metadata, "tokenizer.ggml.merges")).hasSize(251);
            assertThat(((GgufValue.Text) metadata.get("tokenizer.chat_template")).value())
                    .doesNotContain("generation %}")
                    .contains("{% if true %}")
                    .contains("<|im_start|>assistant");
        }
    }

    @Test
    void result_forEachType_saysWhatIsInTheFile() throws IOException {
        Path model = Golden.directory("sewing");
        ExportResult f32 = export(model, GgufType.F32, directory.resolve("f32.gguf"));
        ExportResult bf16 = export(model, GgufType.BF16, directory.resolve("bf16.gguf"));
        ExportResult f16 = export(model, GgufType.F16, directory.resolve("f16.gguf"));
        ExportResult q8 = export(model, GgufType.Q8_0, directory.resolve("q8.gguf"));

        assertThat(f32.parameters()).isEqualTo(139_584);
        assertThat(f32.tensors()).isEqualTo(Map.of(GgmlType.F32, 21));
        assertThat(q8.tensors()).isEqualTo(Map.of(GgmlType.F32, 5, GgmlType.Q8_0, 16));
        assertThat(q8.bytes()).isEqualTo(Files.size(directory.resolve("q8.gguf")));
        assertThat(q8.bytes()).isLessThan(f16.bytes()).isLessThan(f32.bytes() / 3);
        // The model is kept in bf16, so only f16 and q8_0 can lose something.
        assertThat(f32.maxAbsoluteError()).isZero();
        assertThat(bf16.maxAbsoluteError()).isZero();
        assertThat(f16.relativeError()).isLessThan(1e-5);
        assertThat(q8.relativeError()).isBetween(0.002, 0.01);
    }

    @Test
    void rowsThatAreNotWholeBlocks_inQ8_0_areStoredInF16() throws IOException {
        Path model = Golden.variant("untied", directory);
        // 48 is no multiple of 32: the down projection has rows of 48.
        ExportResult result =
                export(
                        Golden.withIntermediateSize(model, 48, directory.resolve("odd")),
                        GgufType.Q8_0,
                        directory.resolve("odd.gguf"));

        assertThat(result.tensors()).containsEntry(GgmlType.F16, 2);
        assertThat(result.relativeError()).isLessThan(0.01);
    }

    @Test
    void embeddingWithMoreRowsThanTokens_isFilledWithUnusedTokens() throws IOException {
        Path model = Golden.variant("untied", directory);
        Path file = directory.resolve("padded.gguf");
        ExportResult result = export(model, GgufType.F32, file);

        assertThat(result.paddedRows()).isEqualTo(2);
        try (GgufFile gguf = GgufFile.open(file)) {
            assertThat(texts(gguf.metadata(), "tokenizer.ggml.tokens"))
                    .hasSize(64)
                    .endsWith("[PAD62]", "[PAD63]");
            assertThat(
                            ((GgufValue.Array) gguf.metadata().get("tokenizer.ggml.token_type"))
                                    .values()
                                    .getLast())
                    .isEqualTo(new GgufValue.Whole(GgufValue.Kind.INT32, 5));
        }
    }

    @Test
    void tokenBeyondTheEmbedding_isRefusedNamingIt() throws IOException {
        Path model = Golden.variant("untied", directory);
        editTokenizer(
                model,
                tokenizer ->
                        ((ArrayNode) tokenizer.path("added_tokens"))
                                .addObject()
                                .put("id", 64)
                                .put("content", "<extra>")
                                .put("special", true));

        assertRefused(
                model, GgufType.F16, "'<extra>' has the id 64, but the embedding has 64 rows");
    }

    @ParameterizedTest
    @CsvSource({
        "num_hidden_layers, 3, the model lacks this tensor",
        "num_hidden_layers, 1, the tensor has no place",
        "intermediate_size, 64, 'the tensor is BF16 [32, 32] where config.json says [64, 32]'",
        "vocab_size, 63, 'the tensor is BF16 [64, 32] where config.json says [63, 32]'",
        "hidden_size, 0, must be greater than 0",
    })
    void configThatDoesNotFitTheWeights_isRefused(String key, int value, String message)
            throws IOException {
        Path model = Golden.variant("untied", directory);
        editConfig(model, config -> config.put(key, value));

        assertRefused(model, GgufType.F16, message);
    }

    @ParameterizedTest
    @CsvSource({
        "model_type, gpt_neox, models of type 'gpt_neox' cannot be exported",
        "hidden_act, gelu, as with silu",
    })
    void otherArchitecture_isRefused(String key, String value, String message) throws IOException {
        Path model = Golden.variant("untied", directory);
        editConfig(model, config -> config.put(key, value));

        assertRefused(model, GgufType.F16, message);
    }

    @Test
    void weightThatIsNotANumber_isRefusedAndLeavesNoFile() throws IOException {
        Path model = Golden.variant("untied", directory);
        setLastWeight(model, 0x7FC0);

        assertRefused(model, GgufType.F32, "a weight that is not a number");
        assertThat(filesOf(directory)).noneMatch(name -> name.contains("gguf"));
    }

    @Test
    void weightTooLargeForHalfPrecision_isRefusedForF16Only() throws IOException {
        Path model = Golden.variant("untied", directory);
        setLastWeight(model, 0x4800); // 131072
        setFirstMatrixWeight(model, 0x4800);

        assertRefused(model, GgufType.F16, "too large for f16");
        assertThat(export(model, GgufType.BF16, directory.resolve("b.gguf")).maxAbsoluteError())
                .isZero();
    }

    @Test
    void splitThatIsUnknown_isExportedWithAWarning_andCanBeChosen() throws IOException {
        Path model = Golden.variant("untied", directory);
        editTokenizer(
                model,
                tokenizer ->
                        ((ObjectNode) tokenizer.path("pre_tokenizer")).put("type", "Whitespace"));
        List<Event> events = new ArrayList<>();

        ExportResult unknown =
                GgufExport.export(
                        model,
                        GgufType.F16,
                        directory.resolve("a.gguf"),
                        events::add,
                        Cancellation.never());
        ExportResult chosen =
                GgufExport.export(
                        model,
                        GgufOptions.of(GgufType.F16).withPreTokenizer("qwen2"),
                        directory.resolve("b.gguf"),
                        Event.Listener.none(),
                        Cancellation.never());

        assertThat(unknown.preTokenizer()).isEqualTo("default");
        assertThat(events).anyMatch(event -> event instanceof Event.Note note && note.warning());
        assertThat(chosen.preTokenizer()).isEqualTo("qwen2");
        assertThat(chosen.notes()).isEmpty();
    }

    @Test
    void cancellation_leavesTheOldFile() throws IOException {
        Path file = Files.writeString(directory.resolve("old.gguf"), "old");
        Cancellation cancellation = new Cancellation();
        Event.Listener stopAtThirdTensor =
                event -> {
                    if (event instanceof Event.Step step && step.step() == 3) {
                        cancellation.request();
                    }
                };

        assertThatThrownBy(() ->
                        GgufExport.export(
                                Golden.directory("sewing"),
                                GgufType.F16,
                                file,
                                stopAtThirdTensor,
                                cancellation))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));

        assertThat(file).hasContent("old");
        assertThat(filesOf(directory)).containsExactly("old.gguf");
    }

    @Test
    void tokenizerMissing_isSaid() throws IOException {
        Path model = Golden.variant("untied", directory);
        Files.delete(model.resolve("tokenizer.json"));

        assertThatThrownBy(() -> export(model, GgufType.F16, directory.resolve("x.gguf")))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND))
                .hasMessageContaining("tokenizer.json");
    }

    @Test
    void parse_misspeltType_suggestsTheNearest() {
        assertThat(GgufType.parse("Q8_0")).isEqualTo(GgufType.Q8_0);
        assertThatThrownBy(() -> GgufType.parse("bf15"))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.render()).contains("did you mean 'bf16'?"));
    }

    private void assertRefused(Path model, GgufType type, String message) {
        assertThatThrownBy(() -> export(model, type, directory.resolve("refused.gguf")))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.MODEL_INVALID);
                            assertThat(e.where()).isPresent();
                        })
                .hasMessageContaining(message);
        assertThat(directory.resolve("refused.gguf")).doesNotExist();
    }

    private static ExportResult export(Path model, GgufType type, Path file) {
        return GgufExport.export(model, type, file, Event.Listener.none(), Cancellation.never());
    }

    private static void editConfig(Path model, Consumer<ObjectNode> edit) {
        Golden.edit(model.resolve("config.json"), edit);
    }

    private static void editTokenizer(Path model, Consumer<ObjectNode> edit) {
        Golden.edit(model.resolve("tokenizer.json"), edit);
    }

    /// The weights lie in the order of their names; the last is of the final norm.
    private static void setLastWeight(Path model, int bits) throws IOException {
        setWeight(model, -2, bits);
    }

    /// Of the output matrix, which stands before the norms.
    private static void setFirstMatrixWeight(Path model, int bits) throws IOException {
        try (RandomAccessFile file = open(model)) {
            setWeight(model, 8 + Long.reverseBytes(file.readLong()) + 100, bits);
        }
    }

    private static void setWeight(Path model, long position, int bits) throws IOException {
        try (RandomAccessFile file = open(model)) {
            file.seek(position < 0 ? file.length() + position : position);
            file.write(bits & 0xFF);
            file.write(bits >> 8);
        }
    }

    private static RandomAccessFile open(Path model) throws IOException {
        return new RandomAccessFile(model.resolve("model.safetensors").toFile(), "rw");
    }

    private static List<String> texts(Map<String, GgufValue> metadata, String key) {
        return ((GgufValue.Array) metadata.get(key))
                .values().stream().map(value -> ((GgufValue.Text) value).value()).toList();
    }

    private static List<String> filesOf(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }
}
