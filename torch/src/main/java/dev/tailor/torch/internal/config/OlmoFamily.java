package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Norm.Placement;
import dev.tailor.torch.DecoderConfig.QueryKeyNorm;

/// OLMo 2 (OLMo et al. 2024): norms after attention and feed-forward layer instead of before, and
/// of queries and keys over all heads.
final class OlmoFamily {
    private OlmoFamily() {}

    static DecoderConfig read(ConfigReader config) {
        return new Draft(config, 2048)
                .attentionBias()
                .queryKeyNorm(QueryKeyNorm.WHOLE)
                .norms(Placement.AFTER, false)
                .defaultEpsilon(1e-5)
                .rope(10_000)
                .build();
    }
}
