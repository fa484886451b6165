package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.data.Offset.offset;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

class AdaptersTest {
    private static final MergeOptions OPTIONS = MergeOptions.standard().withThreads(2);
    private static final String Q = "model.layers.0.self_attn.q_proj";
    private static final String V = "model.layers.0.self_attn.v_proj";

    @TempDir Path directory;

    @Test
    void extract_fullRank_mergesBackToTheTunedModel() {
        Path base = Golden.ROOT.resolve("models/base-f32");
        Path tuned = Golden.ROOT.resolve("models/ft1-f32");
        Path adapter = directory.resolve("adapter");
        Adapters.Extraction extraction =
                Adapters.extract(
                        base,
                        tuned,
                        adapter,
                        64,
                        OPTIONS,
                        Event.Listener.none(),
                        Cancellation.never());
        assertThat(extraction.modules())
                .hasSize(14)
                .allSatisfy((module, error) -> assertThat(error).isLessThan(1e-6));
        assertThat(extraction.notes())
                .anySatisfy(note -> assertThat(note).contains("no linear layers"));

        Path merged = directory.resolve("merged");
        merge(base, adapter, merged);
        try (Checkpoint ours = Checkpoint.open(merged);
                Checkpoint wanted = Checkpoint.open(tuned)) {
            for (String module : extraction.modules().keySet()) {
                float[] got = floats(ours, module + ".weight");
                float[] want = floats(wanted, module + ".weight");
                for (int i = 0; i < got.length; i++) {
                    assertThat(got[i]).isCloseTo(want[i], offset(1e-6f));
                }
            }
        }
    }

    @Test
    void extract_lowRank_leavesOutWhatItSays() {
        Path base = Golden.ROOT.resolve("models/base-f32");
        Path tuned = Golden.ROOT.resolve("models/ft1-f32");
        Adapters.Extraction small = extract(base, tuned, 4);
        Adapters.Extraction large = extract(base, tuned, 16);
        small.modules()
                .forEach((module, error) ->
                        assertThat(error).isBetween(large.modules().get(module), 1.0));
    }

    @Test
    void extract_sameModel_saysThereIsNothing() {
        Path base = Golden.ROOT.resolve("models/base-f32");
        TailorException error =
                catchThrowableOfType(TailorException.class, () -> extract(base, base, 4));
        assertThat(error.code()).isEqualTo(ErrorCode.MODEL_INVALID);
        assertThat(error.getMessage()).contains("same tensors");
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
    void merge_rankOtherThanConfigured_isRefused() throws IOException {
        Path adapter = adapter("{\"r\": 8, \"lora_alpha\": 4}", 2);
        TailorException error =
                catchThrowableOfType(
                        TailorException.class,
                        () -> merge(base(), adapter, directory.resolve("merged")));
        assertThat(error.getMessage()).contains("has rank 2 but adapter_config.json says 8");
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

    private Adapters.Extraction extract(Path base, Path tuned, int rank) {
        return Adapters.extract(
                base,
                tuned,
                directory.resolve("adapter-" + rank),
                rank,
                OPTIONS,
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
