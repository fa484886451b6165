package dev.tailor.export.internal.gguf;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// What llama.cpp has in the code of an architecture instead of reading it from the file. A model
/// that is otherwise would load and answer nonsense, so it is refused.
final class FixedByArchitecture {
    private final Family family;
    private final ObjectNode config;
    private final Path file;

    private FixedByArchitecture(Family family, ObjectNode config, Path file) {
        this.family = family;
        this.config = config;
        this.file = file;
    }

    /// @throws TailorException `MODEL_INVALID` naming the setting
    static void check(Family family, ObjectNode config, Path file) {
        FixedByArchitecture fixed = new FixedByArchitecture(family, config, file);
        fixed.activation();
        fixed.biases();
        if (family.hasExperts() && family != Family.MIXTRAL) {
            fixed.experts();
        }
        switch (family) {
            case GEMMA2 -> fixed.layerTypes(layer -> layer % 2 == 0);
            case GEMMA3 -> fixed.gemma3();
            case SMOLLM3 -> fixed.rotatingLayers();
            default -> {}
        }
    }

    private void activation() {
        String key = family.isGemma() ? "hidden_activation" : "hidden_act";
        require(
                config.path(key).asString(family.activation()).equals(family.activation()),
                key,
                family.activation());
    }

    private void biases() {
        switch (family) {
            case LLAMA, MISTRAL, MIXTRAL, GRANITE -> {}
            default -> {
                isFalse("attention_bias");
                isFalse("mlp_bias");
            }
        }
        require(
                family != Family.QWEN2_MOE || config.path("qkv_bias").asBoolean(true),
                "qkv_bias",
                "true");
    }

    private void experts() {
        require(config.path("decoder_sparse_step").asInt(1) == 1, "decoder_sparse_step", "1");
        require(config.path("mlp_only_layers").isEmpty(), "mlp_only_layers", "[]");
        boolean normalises = family == Family.QWEN3_MOE;
        require(
                config.path("norm_topk_prob").asBoolean(false) == normalises,
                "norm_topk_prob",
                Boolean.toString(normalises));
    }

    private void gemma3() {
        JsonNode pattern = config.path("sliding_window_pattern");
        require(pattern.asInt(6) == 6, "sliding_window_pattern", "6");
        layerTypes(layer -> (layer + 1) % 6 != 0);
        JsonNode local = config.path("rope_parameters").path("sliding_attention");
        double theta =
                local.path("rope_theta")
                        .asDouble(config.path("rope_local_base_freq").asDouble(10_000));
        require(theta == 10_000, "rope_local_base_freq", "10000");
        require(
                local.path("rope_type").asString("default").equals("default"),
                "rope_parameters.sliding_attention.rope_type",
                "default");
        isZero("attn_logit_softcapping");
        isZero("final_logit_softcapping");
    }

    private void layerTypes(IntPredicate slides) {
        JsonNode types = config.path("layer_types");
        boolean fits =
                IntStream.range(0, types.size())
                        .allMatch(layer ->
                                types.path(layer).asString("").equals("sliding_attention")
                                        == slides.test(layer));
        require(fits, "layer_types", "sliding_attention in the architecture's own order");
        isFalse("use_bidirectional_attention");
    }

    private void rotatingLayers() {
        JsonNode rotates = config.path("no_rope_layers");
        boolean fits =
                rotates.isArray()
                        ? IntStream.range(0, rotates.size())
                                .allMatch(layer ->
                                        (rotates.path(layer).asInt(0) != 0)
                                                == ((layer + 1) % 4 != 0))
                        : config.path("no_rope_layer_interval").asInt(4) == 4;
        require(fits, "no_rope_layers", "0 for every fourth layer");
    }

    private void isFalse(String key) {
        require(!config.path(key).asBoolean(false), key, "false");
    }

    private void isZero(String key) {
        require(config.path(key).asDouble(0) == 0, key, "null");
    }

    private void require(boolean holds, String key, String value) {
        if (!holds) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID,
                            "'%s' is %s, where llama.cpp's %s is always as with %s"
                                    .formatted(
                                            key,
                                            Objects.requireNonNullElse(config.get(key), "not so"),
                                            family.architecture(),
                                            value))
                    .at(file)
                    .remedy("such a model cannot be run by llama.cpp; serve it with Tailor");
        }
    }
}
