package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Experts;
import dev.tailor.torch.DecoderConfig.QueryKeyNorm;

import tools.jackson.databind.JsonNode;

import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/// Qwen 2, 2.5 and 3, dense and with experts.
final class QwenFamily {
    private QwenFamily() {}

    /// Biases of queries, keys and values.
    static DecoderConfig qwen2(ConfigReader config) {
        return windowed(new Draft(config, 32_768), config).biases(true, false).build();
    }

    /// No such biases; a norm of each query and key head instead.
    static DecoderConfig qwen3(ConfigReader config) {
        return windowed(new Draft(config, 32_768), config)
                .attentionBias()
                .queryKeyNorm(QueryKeyNorm.HEAD)
                .build();
    }

    /// Experts, one of them for all positions, weighed by a gate of its own.
    static DecoderConfig qwen2Moe(ConfigReader config) {
        IntPredicate sliding =
                layer ->
                        layer % 2 == 0
                                && layer < config.optionalPositive("max_window_layers").orElse(28);
        Draft draft =
                new Draft(config, 32_768)
                        .window(window(config), sliding)
                        .rope(10_000)
                        .biases(config.flag("qkv_bias", true), false);
        int shared = config.optionalPositive("shared_expert_intermediate_size").orElse(5632);
        return draft.experts(experts(config, shared), sparse(config)).build();
    }

    /// Experts, all of them chosen among.
    static DecoderConfig qwen3Moe(ConfigReader config) {
        return new Draft(config, 32_768)
                .window(window(config))
                .rope(10_000)
                .attentionBias()
                .queryKeyNorm(QueryKeyNorm.HEAD)
                .experts(experts(config, 0), sparse(config))
                .build();
    }

    /// A window from some layer on, if it is switched on.
    private static Draft windowed(Draft draft, ConfigReader config) {
        int first = config.optionalPositive("max_window_layers").orElse(28);
        return draft.window(window(config), layer -> layer >= first).rope(10_000);
    }

    private static OptionalInt window(ConfigReader config) {
        return config.flag("use_sliding_window", false)
                ? config.window("sliding_window", 4096)
                : OptionalInt.empty();
    }

    private static Experts experts(ConfigReader config, int shared) {
        return new Experts(
                config.optionalPositive("num_experts")
                        .or(() -> config.optionalPositive("num_local_experts"))
                        .orElseThrow(() -> ConfigReader.invalid("'num_experts' is missing")),
                config.positive("num_experts_per_tok"),
                config.positive("moe_intermediate_size"),
                config.flag("norm_topk_prob", false),
                shared,
                config.routerBalance(),
                Experts.Names.QWEN);
    }

    /// Every `decoder_sparse_step`th layer, `mlp_only_layers` excepted.
    private static IntPredicate sparse(ConfigReader config) {
        int step = config.optionalPositive("decoder_sparse_step").orElse(1);
        Set<Integer> dense = new HashSet<>();
        for (JsonNode layer : config.json().path("mlp_only_layers")) {
            dense.add(layer.asInt(-1));
        }
        return layer -> (layer + 1) % step == 0 && !dense.contains(layer);
    }
}
