package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Mlp;
import dev.tailor.torch.DecoderConfig.Multipliers;
import dev.tailor.torch.DecoderConfig.Norm.Placement;
import dev.tailor.torch.DecoderConfig.QueryKeyNorm;
import dev.tailor.torch.DecoderConfig.Rope;

import tools.jackson.databind.JsonNode;

import java.util.function.IntPredicate;

/// Gemma 2 and the text part of Gemma 3: norms around attention and feed-forward layer, weights of
/// norms kept as their difference from 1, embeddings scaled by `√hidden`, and windows in some
/// layers.
final class GemmaFamily {
    private GemmaFamily() {}

    /// Gemma 2 (Riviere et al. 2024): scores and logits are capped.
    static DecoderConfig gemma2(ConfigReader config) {
        return draft(config, config.number("attn_logit_softcapping", 50, 0), 30)
                .window(config.window("sliding_window", 4096), layer -> layer % 2 == 0)
                .rope(10_000)
                .build();
    }

    /// Gemma 3 (Kamath et al. 2025): a norm of each query and key head, and a rotation of its own
    /// for layers with a window.
    static DecoderConfig gemma3(ConfigReader config) {
        int pattern =
                config.optionalPositive("sliding_window_pattern")
                        .or(() -> config.optionalPositive("_sliding_window_pattern"))
                        .orElse(6);
        IntPredicate sliding = layer -> (layer + 1) % pattern != 0;
        Draft draft =
                draft(config, config.number("attn_logit_softcapping", 0, 0), 0)
                        .queryKeyNorm(QueryKeyNorm.HEAD)
                        .window(config.window("sliding_window", 4096), sliding);
        JsonNode parameters = config.json().path("rope_parameters");
        JsonNode wide =
                parameters.isObject()
                        ? parameters.path("full_attention")
                        : config.json().path("rope_scaling");
        Rope global = draft.ropeReader().read(wide, config.number("rope_theta", 1_000_000));
        Rope local =
                draft.ropeReader()
                        .read(
                                parameters.path("sliding_attention"),
                                config.number("rope_local_base_freq", 10_000));
        IntPredicate slides = draft.slides(sliding);
        return draft.rope(layer -> slides.test(layer) ? local : global).build();
    }

    private static Draft draft(ConfigReader config, double softCap, double logitCap) {
        if (config.flag("use_bidirectional_attention", false)) {
            throw ConfigReader.invalid(
                    "'use_bidirectional_attention' makes this model an encoder, not a decoder");
        }
        Draft draft = new Draft(config, 8192);
        return draft.attentionBias()
                .scale(1 / Math.sqrt(config.number("query_pre_attn_scalar", 256)))
                .softCap(softCap)
                .activation("hidden_activation", Mlp.Activation.GELU_TANH)
                .norms(Placement.AROUND, true)
                .multipliers(
                        new Multipliers(
                                Math.sqrt(draft.hidden()),
                                true,
                                1,
                                1,
                                config.number("final_logit_softcapping", logitCap, 0)))
                .tiedByDefault();
    }
}
