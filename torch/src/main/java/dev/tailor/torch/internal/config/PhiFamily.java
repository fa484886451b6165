package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;

/// Phi 3 and 4 (Abdin et al. 2024): a Llama with queries, keys and values in one matrix, and gate
/// and up in another.
final class PhiFamily {
    private PhiFamily() {}

    static DecoderConfig read(ConfigReader config) {
        return new Draft(config, 4096)
                .fused()
                .window(config.window("sliding_window", 0))
                .defaultEpsilon(1e-5)
                .rope(10_000)
                .build();
    }
}
