package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Mlp;

/// Arcee's foundation models (AFM): a Llama whose feed-forward layer has a squared ReLU and no
/// gate.
final class ArceeFamily {
    private ArceeFamily() {}

    static DecoderConfig read(ConfigReader config) {
        return new Draft(config, 4096)
                .attentionBias()
                .plainMlp()
                .activation("hidden_act", Mlp.Activation.RELU_SQUARED)
                .defaultEpsilon(1e-5)
                .rope(10_000)
                .build();
    }
}
