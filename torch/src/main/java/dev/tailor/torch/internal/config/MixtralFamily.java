package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Experts;

/// Mixtral (Jiang et al. 2024): a Mistral with experts in every layer.
final class MixtralFamily {
    private MixtralFamily() {}

    static DecoderConfig read(ConfigReader config) {
        Experts experts =
                new Experts(
                        config.optionalPositive("num_local_experts").orElse(8),
                        config.optionalPositive("num_experts_per_tok").orElse(2),
                        config.positive("intermediate_size"),
                        true,
                        0,
                        config.routerBalance(),
                        Experts.Names.MIXTRAL);
        return new Draft(config, 131_072)
                .window(config.window("sliding_window", 0))
                .defaultEpsilon(1e-5)
                .rope(10_000)
                .experts(experts, layer -> true)
                .build();
    }
}
