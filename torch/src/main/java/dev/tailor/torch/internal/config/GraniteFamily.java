package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Multipliers;

/// Granite 3: a Llama with multipliers for embeddings, scores, residual sums and logits.
final class GraniteFamily {
    private GraniteFamily() {}

    static DecoderConfig read(ConfigReader config) {
        return new Draft(config, 2048)
                .attentionBias()
                .scale(config.number("attention_multiplier", 1))
                .multipliers(
                        new Multipliers(
                                config.number("embedding_multiplier", 1),
                                false,
                                config.number("residual_multiplier", 1),
                                config.number("logits_scaling", 1),
                                0))
                .rope(10_000)
                .build();
    }
}
