package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;

/// Llama 1 to 3 and what copies it: SmolLM, TinyLlama, Yi, DeepSeek's distilled models.
final class LlamaFamily {
    private LlamaFamily() {}

    static DecoderConfig read(ConfigReader config) {
        return new Draft(config, 2048).attentionBias().rope(10_000).build();
    }
}
