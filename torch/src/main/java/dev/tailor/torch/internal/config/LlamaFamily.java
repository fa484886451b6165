package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Attention;
import dev.tailor.torch.DecoderConfig.Mlp;

/// Llama 1 to 3 and what copies it: SmolLM, TinyLlama, Yi, DeepSeek's distilled models.
final class LlamaFamily {
    private LlamaFamily() {}

    static DecoderConfig read(ConfigReader config) {
        String activation = config.text("hidden_act", "silu");
        if (!activation.equals("silu")) {
            throw ConfigReader.invalid("'hidden_act' is '" + activation + "', only silu is known");
        }
        int hidden = config.positive("hidden_size");
        int heads = config.positive("num_attention_heads");
        int keyValueHeads = config.optionalPositive("num_key_value_heads").orElse(heads);
        if (heads % keyValueHeads != 0) {
            throw ConfigReader.invalid(
                    heads + " attention heads cannot share " + keyValueHeads + " key-value heads");
        }
        int headDim = config.optionalPositive("head_dim").orElse(hidden / heads);
        if (headDim % 2 != 0) {
            throw ConfigReader.invalid("'head_dim' is " + headDim + ", rotation needs an even one");
        }
        boolean bias = config.flag("attention_bias", false);
        int maxPositions = config.optionalPositive("max_position_embeddings").orElse(2048);
        return new DecoderConfig(
                config.architecture(),
                config.positive("vocab_size"),
                hidden,
                config.positive("num_hidden_layers"),
                maxPositions,
                new Attention(heads, keyValueHeads, headDim, bias, bias),
                new Mlp(config.positive("intermediate_size"), config.flag("mlp_bias", false)),
                RopeReader.read(config, 10_000, maxPositions),
                config.number("rms_norm_eps", 1e-6),
                config.flag("tie_word_embeddings", false),
                config.number("initializer_range", 0.02),
                config.json());
    }
}
