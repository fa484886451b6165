package dev.tailor.train.internal.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.Activations;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.Precision;
import dev.tailor.train.Device;
import dev.tailor.train.TrainSettings;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;

/// Times of a dense model of 1.2 G values, whose embedding is its head.
class CardSpeedTest {
    private static final DecoderConfig CONFIG =
            DecoderConfig.of(
                    (ObjectNode)
                            JsonMapper.builder()
                                    .build()
                                    .readTree(
                                            """
                                            {"model_type": "llama", "vocab_size": 32000,
                                             "architectures": ["LlamaForCausalLM"],
                                             "hidden_size": 2048, "intermediate_size": 8192,
                                             "num_hidden_layers": 16, "num_attention_heads": 32,
                                             "num_key_value_heads": 8, "head_dim": 64,
                                             "max_position_embeddings": 4096,
                                             "rms_norm_eps": 1e-5, "tie_word_embeddings": true,
                                             "hidden_act": "silu", "rope_theta": 10000.0}
                                            """));

    private static final List<TensorInfo> TENSORS =
            CONFIG.weights().entrySet().stream()
                    .map(weight -> new TensorInfo(weight.getKey(), DType.F32, weight.getValue()))
                    .toList();

    private static final Device CARD = new Device("card", "a card", 1L << 34, 1e14, 1e13, 1e12);

    private static ModelSize learning(List<TensorInfo> tensors) {
        return new ModelSize(
                CONFIG, TENSORS, tensors, List.of(), new ModelSize.Quantised(0, 0, 0), 0);
    }

    private static double seconds(ModelSize size, Precision precision, Activations kept) {
        TrainSettings settings = TrainSettings.defaults().withPasses(8, 1, precision, kept);
        return CardSpeed.seconds(settings, size, CARD, 1e6, 0);
    }

    @Test
    void full_takesSixOperationsAValueAtThirtyPercentOfTheRate() {
        ModelSize all = learning(TENSORS);
        double operations = 6.0 * all.parameters();

        assertThat(seconds(all, Precision.BFLOAT16, Activations.KEEP))
                .isCloseTo(1e6 * operations / 0.3e14, withinPercentage(2));
        assertThat(seconds(all, Precision.FLOAT32, Activations.KEEP))
                .isCloseTo(1e6 * operations / 0.3e13, withinPercentage(2));
    }

    @Test
    void recomputing_takesAThirdLonger_frozenWeightsAThirdLess() {
        double full = seconds(learning(TENSORS), Precision.BFLOAT16, Activations.KEEP);

        assertThat(seconds(learning(TENSORS), Precision.BFLOAT16, Activations.RECOMPUTE))
                .isCloseTo(full * 4 / 3, withinPercentage(4));
        assertThat(seconds(learning(List.of()), Precision.BFLOAT16, Activations.KEEP))
                .isCloseTo(full * 2 / 3, withinPercentage(4));
    }
}
