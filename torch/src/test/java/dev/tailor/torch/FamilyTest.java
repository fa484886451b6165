package dev.tailor.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// What every family must be able to do besides giving the recorded numbers.
class FamilyTest {
    private static final PackedBatch BATCH =
            PackedBatch.nextToken(
                    List.of(
                            IntStream.range(0, 21).map(i -> 3 + i * 7 % 90).toArray(),
                            new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3}));

    @ParameterizedTest
    @MethodSource("dev.tailor.torch.RecordedModels#beside")
    void config_ofTransformers4_describesTheSameModel(Path directory) {
        DecoderConfig five = config(directory.resolve("config.json"));
        DecoderConfig four = config(directory.resolve("config_v4.json"));

        assertThat(four).usingRecursiveComparison().ignoringFields("json").isEqualTo(five);
    }

    private static DecoderConfig config(Path file) {
        return DecoderConfig.of((ObjectNode) JsonMapper.shared().readTree(file));
    }

    @Test
    void config_ofAnUnknownArchitecture_isRefusedWithTheNamesOfThoseKnown() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.putArray("architectures").add("FalconForCausalLM");

        assertThatThrownBy(() -> DecoderConfig.of(json))
                .hasMessageContaining("FalconForCausalLM")
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.MODEL_INVALID);
                            assertThat(e.remedy().orElseThrow()).contains("GraniteForCausalLM");
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "qwen2, hidden_act, gelu",
        "gemma2, hidden_activation, silu",
        "arcee, hidden_act, silu",
    })
    void config_withAnotherActivation_isRefusedByName(String family, String key, String value) {
        ObjectNode json = config(Golden.path("families/" + family + "/config.json")).json();
        json.put(key, value);

        assertThatThrownBy(() -> DecoderConfig.of(json))
                .hasMessageContaining(key)
                .hasMessageContaining(value);
    }

    @Test
    void config_withAnUnknownKindOfLayer_isRefusedByName() {
        ObjectNode json = config(Golden.path("families/qwen3/config.json")).json();
        json.putArray("layer_types").add("full_attention").add("linear_attention");

        assertThatThrownBy(() -> DecoderConfig.of(json)).hasMessageContaining("linear_attention");
    }

    @ParameterizedTest
    @MethodSource("dev.tailor.torch.RecordedModels#beside")
    void savedModel_hasTheTensorsItWasReadFrom(Path directory, @TempDir Path saved) {
        try (CausalModel model = CausalModel.load(directory, Precision.FLOAT32)) {
            model.save(saved, Precision.FLOAT32);
            assertThat(model.config().parameterCount())
                    .isEqualTo(
                            model.parameters().stream().mapToLong(ParameterInfo::elements).sum());
        }
        try (Checkpoint before = Checkpoint.open(directory.resolve("model.safetensors"));
                Checkpoint after = Checkpoint.open(saved.resolve("model.safetensors"))) {
            assertThat(new TreeSet<>(after.names())).isEqualTo(new TreeSet<>(before.names()));
            for (String name : before.names()) {
                assertThat(after.data(name).mismatch(before.data(name))).as(name).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.tailor.torch.RecordedModels#beside")
    void adapterOnAllLinear_learnsAndFuses(Path directory) {
        try (CausalModel model = CausalModel.load(directory, Precision.FLOAT32)) {
            model.addAdapter(LoraConfig.of(4, 8), new Seed(1));
            double before = loss(model);
            try (Optimizer optimiser = new Optimizer(model, AdamWSettings.defaults(0))) {
                for (int step = 0; step < 3; step++) {
                    Map<String, float[]> kept = gradients(model, optimiser, Activations.KEEP);
                    Map<String, float[]> again = gradients(model, optimiser, Activations.RECOMPUTE);
                    kept.forEach((name, gradient) ->
                            assertThat(again.get(name)).as(name).isEqualTo(gradient));
                    try (ForwardPass pass = model.forward(BATCH, Activations.KEEP, 0)) {
                        pass.crossEntropyBackward(Differences.meanCoefficients(BATCH));
                    }
                    optimiser.step(1e-3, 1);
                    optimiser.zeroGradients();
                }
            }
            assertThat(loss(model)).isLessThan(before);
            float[] adapted = model.logits(BATCH, 0, BATCH.size());
            model.fuseAdapter();
            float[] fused = model.logits(BATCH, 0, BATCH.size());
            assertThat(Differences.largest(fused, adapted)).isLessThan(1e-4);
        }
    }

    private static Map<String, float[]> gradients(
            CausalModel model, Optimizer optimiser, Activations activations) {
        try (ForwardPass pass = model.forward(BATCH, activations, 0)) {
            pass.crossEntropyBackward(Differences.meanCoefficients(BATCH));
        }
        Map<String, float[]> gradients = new HashMap<>();
        for (ParameterInfo parameter : model.parameters()) {
            if (parameter.trainable()) {
                gradients.put(parameter.name(), model.gradient(parameter.name()));
            }
        }
        optimiser.zeroGradients();
        return gradients;
    }

    private static double loss(CausalModel model) {
        return Differences.meanLoss(BATCH, model.logProbs(BATCH));
    }

    @Test
    void adapterOnAllLinear_ofFusedMatrices_isOnePairForEach() {
        assertThat(adapted("families/phi3"))
                .contains("self_attn.qkv_proj", "self_attn.o_proj")
                .contains("mlp.gate_up_proj", "mlp.down_proj")
                .hasSize(4);
    }

    @Test
    void adapterOnAllLinear_ofExperts_leavesOutTheRouter() {
        assertThat(adapted("families/mixtral"))
                .contains("block_sparse_moe.experts.3.w2")
                .doesNotContain("block_sparse_moe.gate");
        assertThat(adapted("families/qwen2_moe"))
                .contains("mlp.experts.0.gate_proj", "mlp.shared_expert.up_proj")
                .contains("mlp.shared_expert_gate");
    }

    /// The modules of the second layer that get an adapter.
    private static List<String> adapted(String name) {
        try (CausalModel model = CausalModel.load(Golden.path(name), Precision.FLOAT32)) {
            model.addAdapter(LoraConfig.of(2, 4), new Seed(1));
            String prefix = "base_model.model.model.layers.1.";
            String end = ".lora_A.weight";
            return model.parameters().stream()
                    .map(ParameterInfo::name)
                    .filter(p -> p.startsWith(prefix) && p.endsWith(end))
                    .map(p -> p.substring(prefix.length(), p.length() - end.length()))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.tailor.torch.RecordedModels#beside")
    void bfloat16_bothWays_staysNearFloat32(Path directory) {
        try (CausalModel precise = CausalModel.load(directory, Precision.FLOAT32);
                CausalModel rounded = CausalModel.load(directory, Precision.BFLOAT16)) {
            assertThat(loss(rounded)).isCloseTo(loss(precise), offset(0.1));
            String name = "model.norm.weight";
            float[] expected = gradient(precise, name);
            assertThat(Differences.relative(gradient(rounded, name), expected)).isLessThan(0.2);
        }
    }

    private static float[] gradient(CausalModel model, String name) {
        model.train(parameter -> true);
        try (ForwardPass pass = model.forward(BATCH, Activations.KEEP, 0)) {
            pass.crossEntropyBackward(Differences.meanCoefficients(BATCH));
        }
        return model.gradient(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixtral", "qwen2_moe", "qwen3_moe"})
    void stackedExperts_areReadAsTheSameModel(String family, @TempDir Path stacked)
            throws IOException {
        Path directory = Golden.path("families/" + family);
        Files.copy(directory.resolve("config.json"), stacked.resolve("config.json"));
        stack(directory, stacked);
        try (CausalModel model = CausalModel.load(directory, Precision.FLOAT32);
                CausalModel same = CausalModel.load(stacked, Precision.FLOAT32)) {
            assertThat(same.logProbs(BATCH)).isEqualTo(model.logProbs(BATCH));
        }
    }

    /// Writes a model with its experts stacked.
    private static void stack(Path from, Path to) {
        DecoderConfig config = config(from.resolve("config.json"));
        DecoderConfig.Experts experts = config.experts().orElseThrow();
        DecoderConfig.Experts.Names names = experts.names();
        long hidden = config.hiddenSize();
        long count = experts.count();
        long size = experts.size();
        try (Checkpoint checkpoint = Checkpoint.open(from.resolve("model.safetensors"))) {
            Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
            for (String name : checkpoint.names()) {
                if (!name.contains(".experts.")) {
                    String renamed = name.replace("block_sparse_moe", "mlp");
                    List<Long> shape = checkpoint.info(name).shape();
                    tensors.put(new TensorInfo(renamed, DType.F32, shape), checkpoint.data(name));
                }
            }
            for (int l = 0; l < config.layers(); l++) {
                if (config.stack().get(l).sparse()) {
                    String layer = "model.layers." + l + ".";
                    String each = layer + names.block() + ".experts.%d.%s.weight";
                    tensors.put(
                            new TensorInfo(
                                    layer + "mlp.experts.gate_up_proj",
                                    DType.F32,
                                    List.of(count, 2 * size, hidden)),
                            joined(checkpoint, each, experts, names.gate(), names.up()));
                    tensors.put(
                            new TensorInfo(
                                    layer + "mlp.experts.down_proj",
                                    DType.F32,
                                    List.of(count, hidden, size)),
                            joined(checkpoint, each, experts, names.down()));
                }
            }
            SafetensorsWriter.writeFile(
                    to.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        }
    }

    private static MemorySegment joined(
            Checkpoint checkpoint,
            String format,
            DecoderConfig.Experts experts,
            String... matrices) {
        List<MemorySegment> parts =
                IntStream.range(0, experts.count())
                        .boxed()
                        .flatMap(e ->
                                List.of(matrices).stream()
                                        .map(m -> checkpoint.data(format.formatted(e, m))))
                        .toList();
        MemorySegment all =
                java.lang.foreign.Arena.ofAuto()
                        .allocate(parts.stream().mapToLong(MemorySegment::byteSize).sum());
        long at = 0;
        for (MemorySegment part : parts) {
            MemorySegment.copy(part, 0, all, at, part.byteSize());
            at += part.byteSize();
        }
        return all;
    }

    @Test
    void routerBalance_inTheObjective_givesRecordedLossAndGradients() {
        Path directory = Golden.path("families/qwen3_moe");
        for (Activations activations : Activations.values()) {
            try (CausalModel model = CausalModel.load(directory, Precision.FLOAT32);
                    Golden golden = Golden.open(directory.resolve("golden.safetensors"))) {
                PackedBatch batch =
                        Golden.labelled(
                                golden.rows("input_ids"),
                                golden.rows("attention_mask"),
                                golden.rows("labels"));
                model.train(name -> true);
                double weight = model.config().experts().orElseThrow().balance();
                try (ForwardPass pass = model.forward(batch, activations, 0)) {
                    assertThat(pass.balance(1))
                            .isCloseTo(weight * golden.floats("balance")[0], offset(1e-6));
                    pass.crossEntropyBackward(Differences.meanCoefficients(batch));
                }
                for (String tensor : golden.names()) {
                    if (tensor.startsWith("balanced.")) {
                        String name = tensor.substring("balanced.".length());
                        assertThat(
                                        Differences.relative(
                                                model.gradient(name), golden.floats(tensor)))
                                .as(tensor)
                                .isLessThan(1e-4);
                    }
                }
            }
        }
    }
}
