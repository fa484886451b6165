package dev.tailor.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.List;

class FamilyParityTest {
    @ParameterizedTest
    @MethodSource("dev.tailor.torch.RecordedModels#all")
    void model_recordedInput_givesRecordedLogitsLossAndGradients(Path directory) {
        try (CausalModel model = CausalModel.load(directory, Precision.FLOAT32);
                Golden golden = Golden.open(directory.resolve("golden.safetensors"))) {
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
                        float[] gradient = gradient(model, tensor.substring("grad.".length()));
                        assertThat(Differences.relative(gradient, golden.floats(tensor)))
                                .as("%s with %s", tensor, activations)
                                .isLessThan(1e-4);
                    }
                }
            }
        }
    }

    /// The gradient of a tensor as transformers 5 holds it: the experts' stacked.
    private static float[] gradient(CausalModel model, String tensor) {
        String stacked = ".mlp.experts.down_proj";
        if (!tensor.endsWith(stacked)) {
            return model.gradient(tensor);
        }
        DecoderConfig.Experts experts = model.config().experts().orElseThrow();
        DecoderConfig.Experts.Names names = experts.names();
        String layer = tensor.substring(0, tensor.length() - stacked.length());
        float[] all = new float[experts.count() * experts.size() * model.config().hiddenSize()];
        for (int e = 0; e < experts.count(); e++) {
            float[] one =
                    model.gradient(
                            "%s.%s.experts.%d.%s.weight"
                                    .formatted(layer, names.block(), e, names.down()));
            System.arraycopy(one, 0, all, e * one.length, one.length);
        }
        return all;
    }
}
