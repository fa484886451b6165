package dev.tailor.export.internal.gguf;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;

/// The numbers of `config.json` that GGUF's `llama` architecture needs.
///
/// @param headDim elements of one attention head
/// @param tied whether the embedding is the output matrix too
/// @param window how many tokens a layer sees, where that is not all of them
public record LlamaConfig(
        long vocabularySize,
        int hiddenSize,
        int layers,
        int heads,
        int keyValueHeads,
        int headDim,
        boolean headDimIsExplicit,
        int intermediateSize,
        long context,
        double normEpsilon,
        double ropeTheta,
        RopeScaling ropeScaling,
        boolean attentionBias,
        boolean mlpBias,
        boolean tied,
        OptionalLong window) {
    private static final Set<String> MODEL_TYPES = Set.of("llama", "mistral");

    /// Reads a config in either spelling (transformers 4 and 5).
    ///
    /// @param file named in errors
    /// @throws TailorException `MODEL_INVALID` for another architecture or a missing number
    public static LlamaConfig of(ObjectNode config, Path file) {
        Reader reader = new Reader(config, file);
        reader.checkArchitecture();
        int hidden = reader.number("hidden_size");
        int heads = reader.number("num_attention_heads");
        long context = reader.number("max_position_embeddings");
        JsonNode rope = reader.rope();
        return new LlamaConfig(
                reader.number("vocab_size"),
                hidden,
                reader.number("num_hidden_layers"),
                heads,
                reader.number("num_key_value_heads", heads),
                reader.number("head_dim", hidden / heads),
                config.hasNonNull("head_dim"),
                reader.number("intermediate_size"),
                context,
                config.path("rms_norm_eps").asDouble(1e-6),
                rope.path("rope_theta").asDouble(config.path("rope_theta").asDouble(10_000)),
                reader.ropeScaling(rope, context),
                config.path("attention_bias").asBoolean(false),
                config.path("mlp_bias").asBoolean(false),
                config.path("tie_word_embeddings").asBoolean(false),
                reader.window());
    }

    private record Reader(ObjectNode config, Path file) {
        void checkArchitecture() {
            String type = config.path("model_type").asString("");
            if (!MODEL_TYPES.contains(type)) {
                throw TailorException.of(
                                ErrorCode.MODEL_INVALID,
                                "models of type '" + type + "' cannot be exported to GGUF yet")
                        .at(file)
                        .remedy("the Llama family can: model_type llama or mistral");
            }
            String activation = config.path("hidden_act").asString("silu");
            if (!activation.equals("silu")) {
                throw invalid("hidden_act '" + activation + "' is not silu, as GGUF's llama is");
            }
        }

        /// Only Mistral has one; without the key it is 4096.
        OptionalLong window() {
            if (!config.path("model_type").asString("").equals("mistral")) {
                return OptionalLong.empty();
            }
            if (!config.has("sliding_window")) {
                return OptionalLong.of(4096);
            }
            return config.hasNonNull("sliding_window")
                    ? OptionalLong.of(positive("sliding_window"))
                    : OptionalLong.empty();
        }

        JsonNode rope() {
            JsonNode parameters = config.path("rope_parameters");
            return parameters.isObject() ? parameters : config.path("rope_scaling");
        }

        RopeScaling ropeScaling(JsonNode rope, long context) {
            try {
                return RopeScaling.of(rope, context);
            } catch (TailorException e) {
                throw e.at(file);
            }
        }

        int number(String key) {
            if (!config.path(key).isIntegralNumber()) {
                throw invalid("'" + key + "' is missing or not a whole number");
            }
            return positive(key);
        }

        int number(String key, int otherwise) {
            return config.hasNonNull(key) ? positive(key) : otherwise;
        }

        private int positive(String key) {
            int value = config.path(key).asInt(0);
            if (value <= 0) {
                throw invalid("'" + key + "' must be greater than 0");
            }
            return value;
        }

        private TailorException invalid(String what) {
            return TailorException.of(ErrorCode.MODEL_INVALID, what).at(file);
        }
    }
}
