package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;

import tools.jackson.databind.JsonNode;

import java.util.OptionalInt;
import java.util.function.IntPredicate;

/// SmolLM 3: a Llama some of whose layers do not rotate queries and keys.
final class SmolFamily {
    private SmolFamily() {}

    static DecoderConfig read(ConfigReader config) {
        IntPredicate rotates = rotates(config);
        OptionalInt window =
                config.flag("use_sliding_window", false)
                        ? config.window("sliding_window", 0)
                        : OptionalInt.empty();
        return new Draft(config, 32_768)
                .attentionBias()
                .window(window, rotates.negate())
                .tiedByDefault()
                .rope(10_000, rotates)
                .build();
    }

    /// `no_rope_layers` holds a 1, whatever its name says, for layers that rotate.
    private static IntPredicate rotates(ConfigReader config) {
        JsonNode flags = config.json().path("no_rope_layers");
        if (!flags.isArray()) {
            int interval = config.optionalPositive("no_rope_layer_interval").orElse(4);
            return layer -> (layer + 1) % interval != 0;
        }
        int layers = config.positive("num_hidden_layers");
        if (flags.size() != layers) {
            throw ConfigReader.invalid(
                    "'no_rope_layers' has " + flags.size() + " entries for " + layers + " layers");
        }
        return layer -> flags.get(layer).asInt(0) != 0;
    }
}
