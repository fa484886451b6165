package dev.tailor.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// DoRA, PiSSA, LoRA+ and modules that learn in full, each alone and together.
class LoraVariantTest {
    private static final Path BASE = Golden.path("llama");
    private static final Path TIED = Golden.path("llama_tied_bias");
    private static final PackedBatch BATCH =
            PackedBatch.nextToken(List.of(new int[] {3, 1, 4, 1, 5, 9, 2, 6}));
    private static final LoraVariant EVERYTHING =
            new LoraVariant(
                    true,
                    LoraStart.PRINCIPAL,
                    16,
                    List.of("embed_tokens", "lm_head", "model.norm", "layers.0.mlp.up_proj"));

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void magnitude_gradient_isThatOfFiniteDifferences(boolean recompute) {
        String parameter = "base_model.model.model.layers.0.self_attn.v_proj.lora_magnitude_vector";
        Activations activations = recompute ? Activations.RECOMPUTE : Activations.KEEP;
        float step = 1e-2f;
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32)) {
            model.loadAdapter(Golden.path("lora_dora"), true);
            float[] gradient = gradient(model, activations, parameter);
            for (int i : new int[] {0, 7, 31}) {
                double before = loss(shifted(parameter, i, -step));
                double after = loss(shifted(parameter, i, step));
                assertThat((double) gradient[i])
                        .isCloseTo((after - before) / (2 * step), offset(2e-4));
            }
        }
    }

    /// The golden DoRA adapter with one number changed.
    private Path shifted(String parameter, int index, float by) {
        return Adapters.changed(
                Golden.path("lora_dora"),
                directory.resolve("shifted" + index + by),
                parameter,
                values -> values[index] += by);
    }

    private static double loss(Path adapter) {
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32)) {
            model.loadAdapter(adapter, false);
            return Differences.meanLoss(BATCH, model.logProbs(BATCH));
        }
    }

    @ParameterizedTest
    @EnumSource(LoraStart.class)
    void freshAdapter_anyStart_changesNothingUntilItLearns(LoraStart start) {
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32)) {
            float[] base = logits(model);
            float[] weights = model.values("model.layers.1.mlp.down_proj.weight");
            model.addAdapter(
                    LoraConfig.of(4, 8)
                            .with(new LoraVariant(true, start, 1, List.of("embed_tokens"))),
                    new Seed(1));

            assertThat(Differences.largest(logits(model), base)).isLessThan(1e-5);
            learn(model, 3);
            assertThat(Differences.largest(logits(model), base)).isGreaterThan(1e-2);
            model.adapterEnabled(false);
            assertThat(Differences.largest(logits(model), base)).isLessThan(1e-5);
            model.adapterEnabled(true);
            assertThat(Differences.largest(logits(model), base)).isGreaterThan(1e-2);
            model.removeAdapter();
            assertThat(Differences.largest(logits(model), base)).isLessThan(1e-5);
            assertThat(
                            Differences.largest(
                                    model.values("model.layers.1.mlp.down_proj.weight"), weights))
                    .isLessThan(1e-6);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everythingTogether_savedAndLoadedOnTheBase_answersTheSame(boolean rsLora) {
        LoraConfig config =
                new LoraConfig(
                                4,
                                8,
                                0.1,
                                rsLora,
                                new LoraTargets.AllLinear(),
                                Map.of("q_proj", 2),
                                Map.of("down_proj", 3.0))
                        .with(EVERYTHING);
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32);
                CausalModel other = CausalModel.load(BASE, Precision.FLOAT32)) {
            model.addAdapter(config, new Seed(1));
            learn(model, 3);
            float[] learnt = logits(model);
            model.saveAdapter(directory.resolve("adapter"));
            other.continueAdapter(directory.resolve("adapter"), 2);

            assertThat(Differences.largest(logits(other), learnt)).isLessThan(1e-4);
            assertThat(other.parameters().stream().filter(ParameterInfo::trainable))
                    .extracting(ParameterInfo::name)
                    .contains(
                            "model.embed_tokens.weight",
                            "lm_head.weight",
                            "model.norm.weight",
                            "model.layers.0.mlp.up_proj.weight")
                    .doesNotContain("model.layers.0.input_layernorm.weight");
            model.fuseAdapter();
            assertThat(Differences.largest(logits(model), learnt)).isLessThan(1e-4);
            assertThat(model.parameters()).noneMatch(ParameterInfo::trainable);
        }
    }

    @Test
    void savedModules_ofTiedModel_areWrittenForBothEnds() {
        try (CausalModel model = CausalModel.load(TIED, Precision.FLOAT32);
                CausalModel other = CausalModel.load(TIED, Precision.FLOAT32)) {
            model.addAdapter(
                    LoraConfig.of(4, 8)
                            .with(new LoraVariant(false, LoraStart.ZERO, 1, List.of("lm_head"))),
                    new Seed(1));
            learn(model, 2);
            model.saveAdapter(directory.resolve("adapter"));
            try (Checkpoint written =
                    Checkpoint.open(directory.resolve("adapter/adapter_model.safetensors"))) {
                assertThat(written.names())
                        .contains(
                                "base_model.model.lm_head.weight",
                                "base_model.model.model.embed_tokens.weight");
            }
            other.loadAdapter(directory.resolve("adapter"), false);
            assertThat(logits(other)).isEqualTo(logits(model));
        }
        Path untied =
                Adapters.changed(
                        directory.resolve("adapter"),
                        directory.resolve("untied"),
                        "base_model.model.lm_head.weight",
                        values -> values[5] += 1);
        assertRefused(TIED, untied, "one matrix");
    }

    @Test
    void embeddingAdapter_learnsIsWrittenAndFused() {
        LoraConfig config =
                new LoraConfig(
                        4,
                        8,
                        0,
                        false,
                        new LoraTargets.Names(List.of("embed_tokens", "v_proj")),
                        Map.of(),
                        Map.of());
        String a = "base_model.model.model.embed_tokens.lora_embedding_A";
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32);
                CausalModel other = CausalModel.load(BASE, Precision.FLOAT32)) {
            float[] base = logits(model);
            model.addAdapter(config, new Seed(1));
            assertThat(logits(model)).isEqualTo(base);
            learn(model, 3);
            float[] learnt = logits(model);
            assertThat(Differences.largest(learnt, base)).isGreaterThan(1e-2);
            model.saveAdapter(directory.resolve("adapter"));
            other.loadAdapter(directory.resolve("adapter"), true);
            assertThat(logits(other)).isEqualTo(learnt);
            int index = 4; // token 4 in the first row of A
            double before = lossWith(a, index, -1e-3f);
            double after = lossWith(a, index, 1e-3f);
            assertThat((double) gradient(other, Activations.KEEP, a)[index])
                    .isCloseTo((after - before) / 2e-3, offset(5e-3));
            model.adapterEnabled(false);
            assertThat(logits(model)).isEqualTo(base);
            model.adapterEnabled(true);
            model.fuseAdapter();
            assertThat(Differences.largest(logits(model), learnt)).isLessThan(1e-5);
            other.removeAdapter();
            assertThat(logits(other)).isEqualTo(base);
        }
        try (CausalModel tied = CausalModel.load(TIED, Precision.FLOAT32)) {
            assertThatThrownBy(() -> tied.addAdapter(config, new Seed(1)))
                    .isInstanceOf(TailorException.class)
                    .hasMessageContaining("same matrix");
        }
    }

    private double lossWith(String parameter, int index, float by) {
        return loss(
                Adapters.changed(
                        directory.resolve("adapter"),
                        directory.resolve("changed" + by),
                        parameter,
                        values -> values[index] += by));
    }

    @Test
    void learningRateRatio_movesBFasterThanA() {
        float[] slow = afterOneStep(1);
        float[] fast = afterOneStep(16);
        for (int i = 0; i < slow.length; i++) {
            // B starts at zero, so its first step is the learning rate times a sign
            assertThat(fast[i]).isCloseTo(16 * slow[i], offset(1e-5f));
        }
    }

    private static float[] afterOneStep(double ratio) {
        LoraVariant variant = new LoraVariant(false, LoraStart.ZERO, ratio, List.of());
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32)) {
            model.addAdapter(LoraConfig.of(4, 8).with(variant), new Seed(1));
            learn(model, 1);
            return model.values("base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight");
        }
    }

    @Test
    void unfittingAdapters_areRefusedByTensor() {
        String module = "base_model.model.model.layers.0.self_attn.v_proj";
        Path noMagnitude =
                Adapters.without(
                        Golden.path("lora_dora"),
                        directory.resolve("none"),
                        module + ".lora_magnitude_vector");
        assertRefused(BASE, noMagnitude, "no magnitudes", module);
        Path unasked = Adapters.copy(Golden.path("lora_dora"), directory.resolve("unasked"));
        replace(
                unasked.resolve("adapter_config.json"),
                "\"use_dora\": true",
                "\"use_dora\": false");
        assertRefused(BASE, unasked, "use_dora is not set");
        Path otherRank = Adapters.copy(Golden.path("lora"), directory.resolve("rank"));
        replace(otherRank.resolve("adapter_config.json"), "\"r\": 8", "\"r\": 4");
        assertRefused(BASE, otherRank, "this model needs [4, 64]");
        Path principal = Adapters.copy(Golden.path("lora"), directory.resolve("pissa"));
        replace(
                principal.resolve("adapter_config.json"),
                "\"init_lora_weights\": true",
                "\"init_lora_weights\": \"pissa\"");
        assertRefused(BASE, principal, "pissa");
        Path foreign =
                Adapters.renamed(
                        Golden.path("lora"), directory.resolve("foreign"), "layers.1", "layers.9");
        assertRefused(BASE, foreign, "does not fit this model", "layers.9");
    }

    private static void assertRefused(Path base, Path adapter, String... words) {
        try (CausalModel model = CausalModel.load(base, Precision.FLOAT32)) {
            float[] before = logits(model);
            assertThatThrownBy(() -> model.loadAdapter(adapter, true))
                    .isInstanceOfSatisfying(
                            TailorException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_INVALID))
                    .extracting(e -> ((TailorException) e).render(), STRING)
                    .contains(words);
            assertThat(logits(model)).isEqualTo(before);
        }
    }

    @Test
    void unknownModuleToSave_isRefused() {
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32)) {
            LoraConfig config =
                    LoraConfig.of(4, 8)
                            .with(new LoraVariant(false, LoraStart.ZERO, 1, List.of("heads")));
            assertThatThrownBy(() -> model.addAdapter(config, new Seed(1)))
                    .isInstanceOf(TailorException.class)
                    .hasMessageContaining("heads");
        }
    }

    @Test
    void bfloat16_everythingTogether_learns() {
        try (CausalModel model = CausalModel.load(BASE, Precision.BFLOAT16)) {
            model.addAdapter(LoraConfig.of(4, 8).with(EVERYTHING), new Seed(1));
            double before = Differences.meanLoss(BATCH, model.logProbs(BATCH));
            learn(model, 5);
            assertThat(Differences.meanLoss(BATCH, model.logProbs(BATCH))).isLessThan(before);
            model.saveAdapter(directory.resolve("adapter"));
            try (Checkpoint written =
                    Checkpoint.open(directory.resolve("adapter/adapter_model.safetensors"))) {
                String saved = "base_model.model.lm_head.weight";
                assertThat(written.info(saved).dtype()).isEqualTo(DType.BF16);
                assertThat(Conversions.toFloats(DType.BF16, written.data(saved)))
                        .isEqualTo(model.values("lm_head.weight"));
            }
        }
    }

    @Test
    void unknownTarget_isRefusedByName() {
        LoraTargets targets = new LoraTargets.Names(List.of("q_proj", "lm_head"));
        LoraConfig config = new LoraConfig(4, 8, 0, false, targets, Map.of(), Map.of());
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32)) {
            assertThatThrownBy(() -> model.addAdapter(config, new Seed(1)))
                    .isInstanceOf(TailorException.class)
                    .hasMessageContaining("lm_head");
        }
    }

    static void learn(CausalModel model, int steps) {
        try (Optimizer optimiser = new Optimizer(model, AdamWSettings.defaults(0))) {
            for (int s = 0; s < steps; s++) {
                try (ForwardPass pass = model.forward(BATCH, Activations.KEEP, s)) {
                    pass.crossEntropyBackward(Differences.meanCoefficients(BATCH));
                    optimiser.step(2e-3, 1);
                    optimiser.zeroGradients();
                }
            }
        }
    }

    private static float[] gradient(CausalModel model, Activations activations, String parameter) {
        try (ForwardPass pass = model.forward(BATCH, activations, 0)) {
            pass.crossEntropyBackward(Differences.meanCoefficients(BATCH));
            return model.gradient(parameter);
        }
    }

    private static float[] logits(CausalModel model) {
        return model.logits(BATCH, 0, BATCH.size());
    }

    private static void replace(Path file, String what, String by) {
        try {
            String text = Files.readString(file);
            assertThat(text).contains(what);
            Files.writeString(file, text.replace(what, by));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
