package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.data.Offset.offset;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.merge.internal.source.PeftAdapter;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class AdaptersTest {
    private static final MergeOptions OPTIONS = MergeOptions.standard().withThreads(2);
    private static final String Q = "model.layers.0.self_attn.q_proj";
    private static final String V = "model.layers.0.self_attn.v_proj";

    private static final Path BASE = Golden.ROOT.resolve("models/base-f32");
    private static final Path TUNED = Golden.ROOT.resolve("models/ft1-f32");

    @TempDir Path directory;

    @Test
    void extract_fullRank_mergesBackToTheTunedModel() {
        ExtractedAdapter extraction = extract(BASE, TUNED, options(64).withSaveModules(true));
        assertThat(extraction.modules())
                .hasSize(14)
                .allSatisfy(module -> assertThat(module.relativeError()).isLessThan(1e-6));
        assertThat(extraction.leftOut()).isEmpty();

        Path merged = directory.resolve("merged");
        merge(BASE, extraction.output(), merged);
        try (Checkpoint ours = Checkpoint.open(merged);
                Checkpoint wanted = Checkpoint.open(TUNED)) {
            for (String name : wanted.names()) {
                float[] got = floats(ours, name);
                float[] want = floats(wanted, name);
                for (int i = 0; i < got.length; i++) {
                    assertThat(got[i]).isCloseTo(want[i], offset(1e-6f));
                }
            }
        }
    }

    /// PEFT wraps the head of such a model together with its embedding and wants both by name.
    @Test
    void extract_tiedHead_savesItBesideTheEmbedding() throws IOException {
        Path base = tied("base", 1);
        Path tuned = tied("tuned", 2);
        ExtractedAdapter extraction = extract(base, tuned, options(1).withSaveModules(true));
        Path merged = directory.resolve("merged");
        merge(base, extraction.output(), merged);
        Path weights = extraction.output().resolve("adapter_model.safetensors");
        try (Checkpoint adapter = Checkpoint.open(weights);
                Checkpoint ours = Checkpoint.open(merged)) {
            float[] saved = {2, 2, 2, 2, 2, 2, 2, 2};
            assertThat(floats(adapter, "base_model.model.model.embed_tokens.weight"))
                    .isEqualTo(saved);
            assertThat(floats(adapter, "base_model.model.lm_head.weight")).isEqualTo(saved);
            assertThat(ours.names()).doesNotContain("lm_head.weight");
            assertThat(floats(ours, "model.embed_tokens.weight")).isEqualTo(saved);
        }
        assertThat(Files.readString(extraction.output().resolve("adapter_config.json")))
                .contains("\"ensure_weight_tying\" : true");
    }

    @Test
    void merge_headOfItsOwnIntoATiedBase_isRefused() throws IOException {
        Path base = tied("base", 1);
        Path adapter = Files.createDirectories(directory.resolve("adapter"));
        Files.writeString(adapter.resolve("adapter_config.json"), "{\"r\": 1}");
        Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
        tensors.put(
                TensorInfo.of("base_model.model.model.embed_tokens.weight", DType.F32, 2, 4),
                ones(8));
        tensors.put(
                TensorInfo.of("base_model.model.lm_head.weight", DType.F32, 2, 4),
                MemorySegment.ofArray(new float[8]));
        SafetensorsWriter.writeFile(
                adapter.resolve("adapter_model.safetensors"), tensors, Map.of());
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> merge(base, adapter, directory.resolve("merged")));
        assertThat(error.render()).contains("'lm_head.weight'", "a base whose head is stored");
    }

    /// An embedding without a head, and one layer; full of `value`.
    private Path tied(String name, float value) throws IOException {
        float[] values = new float[12];
        java.util.Arrays.fill(values, value);
        return new TinyModel()
                .tensor(
                        "model.embed_tokens.weight",
                        DType.F32,
                        java.util.Arrays.copyOf(values, 8),
                        2,
                        4)
                .tensor(Q + ".weight", DType.F32, values, 3, 4)
                .write(directory.resolve(name));
    }

    @Test
    void extract_lowRank_leavesOutWhatItSays() {
        ExtractedAdapter small = extract(BASE, TUNED, options(4));
        ExtractedAdapter large = extract(BASE, TUNED, options(16));
        for (int i = 0; i < small.modules().size(); i++) {
            assertThat(small.modules().get(i).keptEnergy())
                    .isBetween(0.0, large.modules().get(i).keptEnergy());
        }
        assertThat(small.leftOut()).contains("model.norm.weight", "model.embed_tokens.weight");
        assertThat(small.notes()).anySatisfy(note -> assertThat(note).contains("--save-modules"));
    }

    @Test
    void extract_byEnergy_keepsTheShareAndWritesTheRanks() throws IOException {
        ExtractedAdapter extraction =
                extract(BASE, TUNED, ExtractionOptions.of(new RankRule.Energy(0.6, 128)));
        assertThat(extraction.modules())
                .allSatisfy(module -> assertThat(module.keptEnergy()).isGreaterThan(0.6))
                .extracting(ExtractedAdapter.AdaptedModule::rank)
                .satisfies(ranks ->
                        assertThat(List.copyOf(java.util.Set.copyOf(ranks))).hasSizeGreaterThan(1));
        String config = Files.readString(extraction.output().resolve("adapter_config.json"));
        assertThat(config).contains("rank_pattern").contains("model.layers.0.self_attn.q_proj");
    }

    @Test
    void extract_onAnyNumberOfThreads_givesTheSameFactors() throws IOException {
        Path one = extract(BASE, TUNED, options(3).withThreads(1)).output();
        byte[] first = Files.readAllBytes(one.resolve("adapter_model.safetensors"));
        Path three = extract(BASE, TUNED, options(3).withThreads(3)).output();
        assertThat(Files.readAllBytes(three.resolve("adapter_model.safetensors"))).isEqualTo(first);
    }

    @Test
    void extract_onlyOneLayerTuned_adaptsThatLayerOnly() throws IOException {
        Path base = layers("base", 0);
        Path tuned = layers("tuned", 1);
        ExtractedAdapter extraction = extract(base, tuned, options(1));
        assertThat(extraction.modules())
                .extracting(ExtractedAdapter.AdaptedModule::name)
                .containsExactly(Q.replace("layers.0", "layers.1"));
        assertThat(Files.readString(extraction.output().resolve("adapter_config.json")))
                .contains("[ \"model.layers.1.self_attn.q_proj\" ]");
    }

    @Test
    void extract_sameModel_saysThereIsNothing() {
        TailorException error =
                catchThrowableOfType(TailorException.class, () -> extract(BASE, BASE, options(4)));
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        assertThat(error.getMessage()).contains("same tensors");
    }

    @Test
    void extract_otherShapes_namesThem() throws IOException {
        Path other =
                new TinyModel()
                        .tensor(Q + ".weight", DType.F32, new float[12], 4, 3)
                        .tensor(V + ".weight", DType.F32, new float[12], 3, 4)
                        .write(directory.resolve("other"));
        TailorException error =
                catchThrowableOfType(
                        TailorException.class, () -> extract(base(), other, options(4)));
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        assertThat(error.getMessage()).contains(Q + ".weight").contains("[4, 3]");
    }

    @Test
    void extract_numbersThatAreNotFinite_namesTheTensor() throws IOException {
        float[] broken = new float[12];
        broken[5] = Float.NaN;
        Path tuned =
                new TinyModel()
                        .tensor(Q + ".weight", DType.F32, broken, 3, 4)
                        .tensor(V + ".weight", DType.F32, new float[12], 3, 4)
                        .write(directory.resolve("tuned"));
        TailorException error =
                catchThrowableOfType(
                        TailorException.class, () -> extract(base(), tuned, options(1)));
        assertThat(error.getMessage()).contains(Q + ".weight").contains("not finite");
    }

    @Test
    void rankRule_outOfRange_isAUsageError() {
        for (ThrowingCallable wrong :
                List.<ThrowingCallable>of(
                        () -> new RankRule.Fixed(0),
                        () -> new RankRule.Energy(0, 8),
                        () -> new RankRule.Energy(1.01, 8),
                        () -> new RankRule.Energy(Double.NaN, 8),
                        () -> new RankRule.Energy(0.9, 0))) {
            TailorException error = catchThrowableOfType(TailorException.class, wrong);
            assertThat(error.code()).isEqualTo(ErrorCode.USAGE);
        }
    }

    @Test
    void merge_rankAndAlphaPatterns_scaleEachModule() throws IOException {
        Path base = base();
        Path adapter =
                adapter(
                        """
                        {"peft_type": "LORA", "r": 2, "lora_alpha": 4,
                         "rank_pattern": {"layers.0.self_attn.v_proj": 1},
                         "alpha_pattern": {".*v_proj": 3}}
                        """,
                        1);
        Path merged = directory.resolve("merged");
        merge(base, adapter, merged);
        try (Checkpoint checkpoint = Checkpoint.open(merged)) {
            // alpha / r = 2 for q of rank 2, 3 for v of rank 1; every product of factors is its
            // rank.
            assertThat(floats(checkpoint, Q + ".weight")).containsOnly(1 + 2 * 2);
            assertThat(floats(checkpoint, V + ".weight")).containsOnly(1 + 3);
        }
    }

    @Test
    void merge_rankStabilised_dividesByTheRoot() throws IOException {
        Path adapter =
                adapter(
                        """
                        {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "use_rslora": true}
                        """,
                        2);
        Path merged = directory.resolve("merged");
        merge(base(), adapter, merged);
        try (Checkpoint checkpoint = Checkpoint.open(merged)) {
            assertThat(floats(checkpoint, Q + ".weight")[0])
                    .isCloseTo((float) (1 + 2 * 4 / Math.sqrt(2)), offset(1e-6f));
        }
    }

    @Test
    void merge_adapterOfAnotherModel_namesTheTensor() throws IOException {
        Path adapter = adapter("{\"r\": 2, \"lora_alpha\": 4}", 2);
        Path other =
                new TinyModel()
                        .tensor(Q + ".weight", DType.F32, new float[12], 3, 4)
                        .write(directory.resolve("other"));
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> merge(other, adapter, directory.resolve("merged")));
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        assertThat(error.getMessage()).contains(V + ".weight");
    }

    @Test
    void merge_intoATensorOfIntegers_isRefusedByName() throws IOException {
        Path quantised = Files.createDirectories(directory.resolve("quantised"));
        Files.writeString(quantised.resolve("config.json"), "{\"model_type\": \"llama\"}");
        SafetensorsWriter.writeFile(
                quantised.resolve("model.safetensors"),
                Map.of(
                        TensorInfo.of(Q + ".weight", DType.I32, 3, 4),
                        MemorySegment.ofArray(new int[12]),
                        TensorInfo.of(V + ".weight", DType.F32, 3, 4),
                        ones(12)),
                Map.of());
        Path adapter = adapter("{\"r\": 2, \"lora_alpha\": 4}", 2);
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> merge(quantised, adapter, directory.resolve("merged")));
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        assertThat(error.render())
                .contains("'" + Q + ".weight' holds I32 numbers", "before it was quantised")
                .contains(adapter.toString());
        assertThat(directory.resolve("merged")).doesNotExist();
    }

    @Test
    void merge_rankOtherThanConfigured_isRefused() throws IOException {
        Path adapter = adapter("{\"r\": 8, \"lora_alpha\": 4}", 2);
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> merge(base(), adapter, directory.resolve("merged")));
        assertThat(error.getMessage()).contains("has rank 2 but adapter_config.json says 8");
    }

    @Test
    void merge_adapterWithoutConfiguration_isNoAdapter() throws IOException {
        Path empty = Files.createDirectories(directory.resolve("empty"));
        TailorException error =
                catchThrowableOfType(TailorException.class, () -> PeftAdapter.read(empty));
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(error.getMessage()).contains("no adapter_config.json");
    }

    @Test
    void merge_adapterThatIsNotReadable_saysWhichFile() throws IOException {
        Path adapter = adapter("{\"r\": 2", 2);
        TailorException error =
                catchThrowableOfType(TailorException.class, () -> PeftAdapter.read(adapter));
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_CORRUPT);
        assertThat(error.where().orElse("")).contains("adapter_config.json");

        Files.writeString(adapter.resolve("adapter_config.json"), "{\"r\": 2}");
        Files.writeString(adapter.resolve("adapter_model.safetensors"), "no tensors");
        error = catchThrowableOfType(TailorException.class, () -> PeftAdapter.read(adapter));
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_CORRUPT);
        assertThat(error.where().orElse("")).contains("adapter_model.safetensors");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"peft_type\": \"IA3\"",
                "\"use_qalora\": true",
                "\"alora_invocation_tokens\": [1]",
                "\"layer_replication\": [[0, 1]]",
                "\"init_lora_weights\": \"pissa_niter_4\""
            })
    void merge_kindThatCannotBeMerged_isRefusedByName(String setting) throws IOException {
        Path adapter = adapter("{\"r\": 2, " + setting + "}", 2);
        TailorException error =
                catchThrowableOfType(TailorException.class, () -> PeftAdapter.read(adapter));
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        String[] words = setting.replace("\"", "").split(": ", 2);
        assertThat(error.getMessage()).containsAnyOf(words[0], words[1]);
    }

    /// Two layers of ones, the second with `added` on top.
    private Path layers(String name, float added) throws IOException {
        float[] ones = new float[12];
        java.util.Arrays.fill(ones, 1);
        float[] more = new float[12];
        java.util.Arrays.fill(more, 1 + added);
        return new TinyModel()
                .tensor(Q + ".weight", DType.F32, ones, 3, 4)
                .tensor(Q.replace("layers.0", "layers.1") + ".weight", DType.F32, more, 3, 4)
                .write(directory.resolve(name));
    }

    private Path base() throws IOException {
        float[] ones = new float[12];
        java.util.Arrays.fill(ones, 1);
        return new TinyModel()
                .tensor(Q + ".weight", DType.F32, ones, 3, 4)
                .tensor(V + ".weight", DType.F32, ones, 3, 4)
                .write(directory.resolve("base"));
    }

    private Path adapter(String config, int rankOfV) throws IOException {
        Path adapter = Files.createDirectories(directory.resolve("adapter"));
        Files.writeString(adapter.resolve("adapter_config.json"), config);
        Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
        for (String module : new String[] {Q, V}) {
            int rank = module.equals(Q) ? 2 : rankOfV;
            tensors.put(
                    TensorInfo.of(
                            "base_model.model." + module + ".lora_A.weight", DType.F32, rank, 4),
                    ones(rank * 4));
            tensors.put(
                    TensorInfo.of(
                            "base_model.model." + module + ".lora_B.weight", DType.F32, 3, rank),
                    ones(3 * rank));
        }
        SafetensorsWriter.writeFile(
                adapter.resolve("adapter_model.safetensors"), tensors, Map.of());
        return adapter;
    }

    private static MemorySegment ones(int n) {
        float[] ones = new float[n];
        java.util.Arrays.fill(ones, 1);
        return MemorySegment.ofArray(ones);
    }

    private static ExtractionOptions options(int rank) {
        return ExtractionOptions.of(new RankRule.Fixed(rank)).withThreads(2);
    }

    private ExtractedAdapter extract(Path base, Path tuned, ExtractionOptions options) {
        return Adapters.extract(
                base,
                tuned,
                directory.resolve("extracted"),
                options,
                Event.Listener.none(),
                Cancellation.never());
    }

    private static void merge(Path base, Path adapter, Path output) {
        Adapters.merge(base, adapter, output, OPTIONS, Event.Listener.none(), Cancellation.never());
    }

    private static float[] floats(Checkpoint checkpoint, String tensor) {
        return Conversions.toFloats(checkpoint.info(tensor).dtype(), checkpoint.data(tensor));
    }
}
