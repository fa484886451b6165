package dev.tailor.export.internal.gguf;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.OptionalLong;

/// The numbers of `config.json` that GGUF files have.
///
/// @param headDim elements of one attention head
/// @param ropeDimensions how many of them are rotated
/// @param attentionBias whether the attention's matrices have biases; with Qwen 2, all but the
///   output's
/// @param tied whether the embedding is the output matrix too
/// @param window how many tokens some or all layers see, where that is not all of them
/// @param queryFactor what the model's scale of the scores is more than llama.cpp's
public record ModelConfig(
        Family family,
        long vocabularySize,
        int hiddenSize,
        int layers,
        int heads,
        int keyValueHeads,
        int headDim,
        boolean headDimIsExplicit,
        int ropeDimensions,
        int intermediateSize,
        Experts experts,
        long context,
        double normEpsilon,
        double ropeTheta,
        RopeScaling ropeScaling,
        boolean attentionBias,
        boolean mlpBias,
        boolean tied,
        OptionalLong window,
        double queryFactor,
        Scales scales) {
    /// The experts of a layer; all 0 where there are none.
    ///
    /// @param used of them by a token
    /// @param size of one's feed-forward layer
    /// @param sharedSize of the one that every token uses
    record Experts(int count, int used, int size, int sharedSize) {}

    /// Constants that are 0 where the model has none.
    ///
    /// @param attention of the scores
    /// @param embedding of the embeddings
    /// @param residual of what a block adds
    /// @param logits what logits are divided by
    /// @param attentionCap largest score
    /// @param logitCap largest logit
    record Scales(
            double attention,
            double embedding,
            double residual,
            double logits,
            double attentionCap,
            double logitCap) {}

    /// Reads a config in either spelling (transformers 4 and 5).
    ///
    /// @param file named in errors
    /// @throws TailorException `MODEL_INVALID` for another architecture, a missing number, or what
    ///   llama.cpp's architecture does otherwise
    public static ModelConfig of(ObjectNode config, Path file) {
        Reader reader = new Reader(config, file, family(config, file));
        FixedByArchitecture.check(reader.family(), config, file);
        return reader.read();
    }

    private static Family family(ObjectNode config, Path file) {
        String type = config.path("model_type").asString("");
        return Family.of(type)
                .orElseThrow(() ->
                        TailorException.of(
                                        ErrorCode.MODEL_INVALID,
                                        "models of type '"
                                                + type
                                                + "' cannot be exported to GGUF yet")
                                .at(file)
                                .remedy(
                                        "these can: model_type "
                                                + String.join(", ", Family.modelTypes())));
    }

    boolean attentionBias(String part) {
        boolean notOfOutput = family == Family.QWEN2 || family == Family.QWEN2_MOE;
        return attentionBias && !(notOfOutput && part.equals("attn_output"));
    }

    private record Reader(ObjectNode config, Path file, Family family) {
        ModelConfig read() {
            int hidden = number("hidden_size");
            int heads = number("num_attention_heads");
            int headDim = number("head_dim", defaultHeadDim(hidden, heads));
            int layers = number("num_hidden_layers");
            long context = number("max_position_embeddings");
            JsonNode rope = rope();
            double rotated =
                    rope.path("partial_rotary_factor")
                            .asDouble(config.path("partial_rotary_factor").asDouble(1));
            return new ModelConfig(
                    family,
                    number("vocab_size"),
                    hidden,
                    layers,
                    heads,
                    number("num_key_value_heads", heads),
                    headDim,
                    config.hasNonNull("head_dim") || headDim != hidden / heads,
                    (int) (headDim * rotated),
                    number("intermediate_size"),
                    experts(),
                    context,
                    config.path("rms_norm_eps").asDouble(defaultEpsilon()),
                    rope.path("rope_theta").asDouble(config.path("rope_theta").asDouble(theta())),
                    ropeScaling(rope, context),
                    attentionBias(),
                    config.path("mlp_bias").asBoolean(false),
                    config.path("tie_word_embeddings").asBoolean(tiedByDefault()),
                    window(),
                    queryFactor(layers, (double) hidden / heads, headDim),
                    scales());
        }

        private int defaultHeadDim(int hidden, int heads) {
            return family.isGemma() ? 256 : family == Family.QWEN3 ? 128 : hidden / heads;
        }

        private double defaultEpsilon() {
            return switch (family) {
                case MIXTRAL, ARCEE, OLMO2, PHI3 -> 1e-5;
                default -> 1e-6;
            };
        }

        private double theta() {
            return switch (family) {
                case MIXTRAL, GEMMA3 -> 1_000_000;
                case SMOLLM3 -> 2_000_000;
                default -> 10_000;
            };
        }

        private boolean tiedByDefault() {
            return family.isGemma() || family == Family.SMOLLM3;
        }

        private boolean attentionBias() {
            return family == Family.QWEN2
                    || family == Family.QWEN2_MOE
                    || config.path("attention_bias").asBoolean(false);
        }

        private Experts experts() {
            if (!family.hasExperts()) {
                return new Experts(0, 0, 0, 0);
            }
            boolean isMixtral = family == Family.MIXTRAL;
            return new Experts(
                    number(config.hasNonNull("num_experts") ? "num_experts" : "num_local_experts"),
                    number("num_experts_per_tok"),
                    number(isMixtral ? "intermediate_size" : "moe_intermediate_size"),
                    family == Family.QWEN2_MOE ? number("shared_expert_intermediate_size") : 0);
        }

        private Scales scales() {
            return switch (family) {
                case GRANITE ->
                        new Scales(
                                config.path("attention_multiplier").asDouble(1),
                                config.path("embedding_multiplier").asDouble(1),
                                config.path("residual_multiplier").asDouble(1),
                                config.path("logits_scaling").asDouble(1),
                                0,
                                0);
                case GEMMA2 ->
                        new Scales(
                                0,
                                0,
                                0,
                                0,
                                config.path("attn_logit_softcapping").asDouble(50),
                                config.path("final_logit_softcapping").asDouble(30));
                default -> new Scales(0, 0, 0, 0, 0, 0);
            };
        }

        /// llama.cpp takes the scale from the head's size, and from `hidden / heads` for the models
        /// of 27B, which it knows by the number of their layers.
        private double queryFactor(int layers, double perHead, int headDim) {
            if (!family.isGemma()) {
                return 1;
            }
            boolean is27B = layers == (family == Family.GEMMA2 ? 46 : 62);
            double scalar = config.path("query_pre_attn_scalar").asDouble(256);
            return Math.sqrt((is27B ? perHead : headDim) / scalar);
        }

        /// Only Mistral has one by default; without the key it is 4096.
        private OptionalLong window() {
            boolean isSwitched =
                    switch (family) {
                        case QWEN2, QWEN2_MOE, QWEN3, QWEN3_MOE, SMOLLM3 -> true;
                        default -> false;
                    };
            if (isSwitched && !config.path("use_sliding_window").asBoolean(false)) {
                return OptionalLong.empty();
            }
            if (config.hasNonNull("sliding_window")) {
                return OptionalLong.of(positive("sliding_window"));
            }
            boolean byDefault = family == Family.MISTRAL || family.isGemma();
            return byDefault && !config.has("sliding_window")
                    ? OptionalLong.of(4096)
                    : OptionalLong.empty();
        }

        private JsonNode rope() {
            JsonNode parameters = config.path("rope_parameters");
            if (!parameters.isObject()) {
                return config.path("rope_scaling");
            }
            return family == Family.GEMMA3 ? parameters.path("full_attention") : parameters;
        }

        private RopeScaling ropeScaling(JsonNode rope, long context) {
            RopeScaling scaling;
            try {
                scaling =
                        RopeScaling.of(
                                rope,
                                context,
                                config.path("original_max_position_embeddings").asLong(context));
            } catch (TailorException e) {
                throw e.at(file);
            }
            if (scaling instanceof RopeScaling.Long && family != Family.PHI3) {
                throw invalid("llama.cpp has RoPE scaling 'longrope' for phi3 only");
            }
            return scaling;
        }

        private int number(String key) {
            if (!config.path(key).isIntegralNumber()) {
                throw invalid("'" + key + "' is missing or not a whole number");
            }
            return positive(key);
        }

        private int number(String key, int otherwise) {
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
