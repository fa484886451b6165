package dev.tailor.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.tailor.core.Seed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class LoraParityTest {
    private static final Path BASE = Golden.path("llama");

    @ParameterizedTest
    @ValueSource(strings = {"lora", "lora_rslora", "lora_attn_rankpattern", "lora_dora"})
    void adapter_recordedInput_givesRecordedNumbers(String name) {
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32);
                Golden input = Golden.open("llama/golden.safetensors");
                Golden golden = Golden.open(name + "/golden.safetensors")) {
            int[][] mask = input.rows("attention_mask");
            PackedBatch batch =
                    Golden.labelled(input.rows("input_ids"), mask, input.rows("labels"));
            model.loadAdapter(Golden.path(name), true);

            float[] logits = model.logits(batch, 0, batch.size());
            assertThat(Differences.largest(logits, Golden.unpadded(golden.floats("logits"), mask)))
                    .isLessThan(2e-4);
            try (ForwardPass pass = model.forward(batch, Activations.KEEP, 0)) {
                float[] logProbs = pass.crossEntropyBackward(Differences.meanCoefficients(batch));
                assertThat(Differences.meanLoss(batch, logProbs))
                        .isCloseTo(golden.floats("loss")[0], offset(1e-5));
            }
            for (String tensor : golden.names()) {
                if (tensor.startsWith("grad.")) {
                    String parameter =
                            tensor.substring("grad.".length())
                                    .replace("_vector.default.weight", "_vector")
                                    .replace(".default.", ".");
                    assertThat(
                                    Differences.relative(
                                            model.gradient(parameter), golden.floats(tensor)))
                            .as(tensor)
                            .isLessThan(1e-4);
                }
            }

            model.fuseAdapter();
            String module = "model.layers.1.self_attn.q_proj.weight";
            assertThat(Differences.largest(model.values(module), golden.floats("merged." + module)))
                    .isLessThan(1e-6);
            float[] merged = model.logits(batch, 0, batch.size());
            float[] expected = Golden.unpadded(golden.floats("merged_logits"), mask);
            assertThat(Differences.largest(merged, expected)).isLessThan(2e-4);
        }
    }

    @Test
    void adapter_disabled_answersAsTheBase() {
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32)) {
            PackedBatch batch = PackedBatch.nextToken(List.of(new int[] {3, 1, 4, 1, 5}));
            float[] base = model.logProbs(batch);
            model.loadAdapter(Golden.path("lora"), false);
            float[] adapted = model.logProbs(batch);
            model.adapterEnabled(false);

            assertThat(model.logProbs(batch)).isEqualTo(base).isNotEqualTo(adapted);
        }
    }

    @Test
    void freshAdapter_changesNothingUntilItLearns() {
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32)) {
            PackedBatch batch = PackedBatch.nextToken(List.of(new int[] {3, 1, 4, 1, 5}));
            float[] base = model.logProbs(batch);
            model.train(name -> true);
            model.addAdapter(LoraConfig.of(4, 8), new Seed(1));

            assertThat(model.logProbs(batch)).isEqualTo(base);
            assertThat(model.parameters().stream().filter(ParameterInfo::trainable))
                    .hasSize(2 * 14)
                    .allMatch(p -> p.name().contains("lora_"));
        }
    }

    @Test
    void savedAdapter_loadedAgain_isTheSame(@TempDir Path directory) {
        LoraConfig config =
                new LoraConfig(
                        4,
                        6,
                        0.1,
                        true,
                        new LoraTargets.Names(List.of("q_proj", "down_proj")),
                        Map.of("q_proj", 2),
                        Map.of("down_proj", 3.0));
        PackedBatch batch = PackedBatch.nextToken(List.of(new int[] {3, 1, 4, 1, 5, 9, 2, 6}));
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32);
                CausalModel other = CausalModel.load(BASE, Precision.FLOAT32)) {
            model.addAdapter(config, new Seed(1));
            try (Optimizer optimiser = new Optimizer(model, AdamWSettings.defaults(0));
                    ForwardPass pass = model.forward(batch, Activations.KEEP, 0)) {
                pass.crossEntropyBackward(Differences.meanCoefficients(batch));
                optimiser.step(0.1, 1);
            }
            float[] learned = model.logProbs(batch);
            model.saveAdapter(directory.resolve("adapter"));
            other.loadAdapter(directory.resolve("adapter"), false);

            assertThat(other.logProbs(batch)).isEqualTo(learned);
        }
    }

    @Test
    void adapterWithDropout_sameSeed_givesSameGradientsKeptOrRecomputed() {
        PackedBatch batch = PackedBatch.nextToken(List.of(new int[] {3, 1, 4, 1, 5, 9, 2, 6}));
        String parameter = "base_model.model.model.layers.0.mlp.up_proj.lora_B.weight";
        LoraConfig config =
                new LoraConfig(4, 8, 0.5, false, new LoraTargets.AllLinear(), Map.of(), Map.of());
        try (CausalModel model = CausalModel.load(BASE, Precision.FLOAT32)) {
            model.addAdapter(config, new Seed(1));
            float[] kept = gradient(model, batch, Activations.KEEP, 5, parameter);

            assertThat(gradient(model, batch, Activations.RECOMPUTE, 5, parameter)).isEqualTo(kept);
            assertThat(gradient(model, batch, Activations.KEEP, 6, parameter)).isNotEqualTo(kept);
        }
    }

    private static float[] gradient(
            CausalModel model,
            PackedBatch batch,
            Activations activations,
            long dropoutSeed,
            String parameter) {
        try (Optimizer optimiser = new Optimizer(model, AdamWSettings.defaults(0));
                ForwardPass pass = model.forward(batch, activations, dropoutSeed)) {
            pass.crossEntropyBackward(Differences.meanCoefficients(batch));
            float[] gradient = model.gradient(parameter);
            optimiser.zeroGradients();
            return gradient;
        }
    }
}
