package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;

/// Mistral (Jiang et al. 2023): a Llama whose layers see a window.
final class MistralFamily {
    private MistralFamily() {}

    static DecoderConfig read(ConfigReader config) {
        return new Draft(config, 131_072)
                .window(config.window("sliding_window", 4096))
                .rope(10_000)
                .build();
    }
}
