package dev.tailor.export.internal.gguf;

import static dev.tailor.tensors.GgufValue.float32;
import static dev.tailor.tensors.GgufValue.text;
import static dev.tailor.tensors.GgufValue.uint32;

import dev.tailor.tensors.GgufValue;

import java.util.List;
import java.util.Map;

/// The metadata of a GGUF file that begins with the architecture's name, such as `llama.`.
public final class ArchitectureMetadata {
    private final ModelConfig config;
    private final Map<String, GgufValue> metadata;
    private final List<String> notes;

    private ArchitectureMetadata(
            ModelConfig config, Map<String, GgufValue> metadata, List<String> notes) {
        this.config = config;
        this.metadata = metadata;
        this.notes = notes;
    }

    /// Adds the architecture and its numbers.
    ///
    /// @param notes receives what GGUF cannot say
    public static void add(
            ModelConfig config, Map<String, GgufValue> metadata, List<String> notes) {
        metadata.put("general.architecture", text(config.family().architecture()));
        ArchitectureMetadata architecture = new ArchitectureMetadata(config, metadata, notes);
        architecture.addSizes();
        architecture.addExperts();
        architecture.addScales();
        architecture.addScaling();
        architecture.addWindow();
    }

    private void addSizes() {
        put("block_count", uint32(config.layers()));
        put("context_length", uint32(config.context()));
        put("embedding_length", uint32(config.hiddenSize()));
        put("feed_forward_length", uint32(config.intermediateSize()));
        put("attention.head_count", uint32(config.heads()));
        put("attention.head_count_kv", uint32(config.keyValueHeads()));
        put("rope.freq_base", float32(config.ropeTheta()));
        put("attention.layer_norm_rms_epsilon", float32(config.normEpsilon()));
        if (config.headDimIsExplicit()) {
            put("attention.key_length", uint32(config.headDim()));
            put("attention.value_length", uint32(config.headDim()));
        }
        put("vocab_size", uint32(config.vocabularySize()));
        put("rope.dimension_count", uint32(config.ropeDimensions()));
    }

    private void addExperts() {
        ModelConfig.Experts experts = config.experts();
        if (experts.count() == 0) {
            return;
        }
        put("expert_count", uint32(experts.count()));
        put("expert_used_count", uint32(experts.used()));
        if (config.family() != Family.MIXTRAL) {
            put("expert_feed_forward_length", uint32(experts.size()));
        }
        if (experts.sharedSize() > 0) {
            put("expert_shared_feed_forward_length", uint32(experts.sharedSize()));
        }
    }

    private void addScales() {
        ModelConfig.Scales scales = config.scales();
        putUnlessZero("attention.scale", scales.attention());
        putUnlessZero("embedding_scale", scales.embedding());
        putUnlessZero("residual_scale", scales.residual());
        putUnlessZero("logit_scale", scales.logits());
        putUnlessZero("attn_logit_softcapping", scales.attentionCap());
        putUnlessZero("final_logit_softcapping", scales.logitCap());
    }

    private void addWindow() {
        long window = config.window().orElse(0);
        switch (config.family()) {
            // llama.cpp insists on the key for Phi; 0 says that there is none.
            case PHI3, GEMMA2, GEMMA3 -> put("attention.sliding_window", uint32(window));
            default -> {
                if (window > 0 && window < config.context()) {
                    notes.add(
                            ("GGUF's %s has no sliding window: answers are the same up to %d"
                                            + " tokens, and may differ beyond")
                                    .formatted(config.family().architecture(), window));
                }
            }
        }
    }

    private void addScaling() {
        if (config.family() == Family.PHI3) {
            put("rope.scaling.original_context_length", uint32(config.context()));
        }
        switch (config.ropeScaling()) {
            case RopeScaling.None none -> {}
            // Stands in the file as the tensor rope_freqs.weight.
            case RopeScaling.Llama3 llama3 -> {}
            case RopeScaling.Long factors -> {
                put("rope.scaling.original_context_length", uint32(factors.originalContext()));
                put("rope.scaling.attn_factor", float32(factors.attentionFactor()));
            }
            case RopeScaling.Linear(double factor) -> {
                put("rope.scaling.type", text("linear"));
                put("rope.scaling.factor", float32(factor));
            }
            case RopeScaling.Dynamic dynamic ->
                    notes.add(
                            "dynamic RoPE scaling does not exist in llama.cpp: answers are the same"
                                    + " up to "
                                    + config.context()
                                    + " tokens, and worse beyond");
            case RopeScaling.Yarn yarn -> addYarn(yarn);
        }
    }

    private void addYarn(RopeScaling.Yarn yarn) {
        put("rope.scaling.type", text("yarn"));
        put("rope.scaling.factor", float32(yarn.factor()));
        put("rope.scaling.original_context_length", uint32(yarn.originalContext()));
        // llama.cpp multiplies the paper's factor by this one.
        yarn.attentionFactor()
                .ifPresent(factor ->
                        put(
                                "rope.scaling.attn_factor",
                                float32(factor / (0.1 * Math.log(yarn.factor()) + 1))));
        if (yarn.betaFast() != 32 || yarn.betaSlow() != 1) {
            put("rope.scaling.yarn_beta_fast", float32(yarn.betaFast()));
            put("rope.scaling.yarn_beta_slow", float32(yarn.betaSlow()));
            notes.add(
                    "YaRN's beta_fast and beta_slow are not the usual 32 and 1: llama.cpp reads"
                            + " them from the file since 2025, older ones need --yarn-beta-fast and"
                            + " --yarn-beta-slow");
        }
    }

    private void putUnlessZero(String key, double value) {
        if (value != 0) {
            put(key, float32(value));
        }
    }

    private void put(String key, GgufValue value) {
        metadata.put(config.family().architecture() + "." + key, value);
    }
}
