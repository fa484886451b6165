package dev.tailor.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class LlamaParityTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "llama_tied_bias",
                "llama_rope_linear",
                "llama_rope_dynamic",
                "llama_rope_yarn",
                "llama_rope_llama3"
            })
    void model_recordedInput_givesRecordedLogitsLossAndGradients(String name) {
        try (CausalModel model = CausalModel.load(Golden.path(name), Precision.FLOAT32);
                Golden golden = Golden.open(name + "/golden.safetensors")) {
            int[][] mask = golden.rows("attention_mask");
            PackedBatch batch =
                    Golden.labelled(golden.rows("input_ids"), mask, golden.rows("labels"));

            float[] logits = model.logits(batch, 0, batch.size());
            assertThat(Differences.largest(logits, Golden.unpadded(golden.floats("logits"), mask)))
                    .as("logits")
                    .isLessThan(2e-4);

            List<float[]> states = model.hiddenStates(batch);
            for (int i = 0; i < states.size(); i++) {
                float[] expected = Golden.unpadded(golden.floats("hidden_" + i), mask);
                assertThat(Differences.largest(states.get(i), expected))
                        .as("hidden state %d", i)
                        .isLessThan(2e-4);
            }

            for (Activations activations : Activations.values()) {
                model.train(parameter -> true);
                try (ForwardPass pass = model.forward(batch, activations, 0)) {
                    float[] logProbs =
                            pass.crossEntropyBackward(Differences.meanCoefficients(batch));
                    assertThat(Differences.meanLoss(batch, logProbs))
                            .isCloseTo(golden.floats("loss")[0], offset(1e-5));
                }
                for (String tensor : golden.names()) {
                    if (tensor.startsWith("grad.")) {
                        float[] gradient = model.gradient(tensor.substring("grad.".length()));
                        assertThat(Differences.relative(gradient, golden.floats(tensor)))
                                .as("%s with %s", tensor, activations)
                                .isLessThan(1e-4);
                    }
                }
            }
        }
    }
}
