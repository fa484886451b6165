package dev.tailor.export.internal.gguf;

import static dev.tailor.tensors.GgufValue.float32;
import static dev.tailor.tensors.GgufValue.text;
import static dev.tailor.tensors.GgufValue.uint32;

import dev.tailor.tensors.GgufValue;

import java.util.List;
import java.util.Map;

/// The `llama.*` metadata of a GGUF file.
public final class LlamaMetadata {
    private LlamaMetadata() {}

    /// Adds the numbers of the architecture.
    ///
    /// @param notes receives what GGUF cannot say
    public static void add(
            LlamaConfig config, Map<String, GgufValue> metadata, List<String> notes) {
        metadata.put("llama.block_count", uint32(config.layers()));
        metadata.put("llama.context_length", uint32(config.context()));
        metadata.put("llama.embedding_length", uint32(config.hiddenSize()));
        metadata.put("llama.feed_forward_length", uint32(config.intermediateSize()));
        metadata.put("llama.attention.head_count", uint32(config.heads()));
        metadata.put("llama.attention.head_count_kv", uint32(config.keyValueHeads()));
        metadata.put("llama.rope.freq_base", float32(config.ropeTheta()));
        metadata.put("llama.attention.layer_norm_rms_epsilon", float32(config.normEpsilon()));
        if (config.headDimIsExplicit()) {
            metadata.put("llama.attention.key_length", uint32(config.headDim()));
            metadata.put("llama.attention.value_length", uint32(config.headDim()));
        }
        metadata.put("llama.vocab_size", uint32(config.vocabularySize()));
        metadata.put("llama.rope.dimension_count", uint32(config.headDim()));
        addScaling(config, metadata, notes);
        if (config.window().isPresent() && config.window().getAsLong() < config.context()) {
            notes.add(
                    "GGUF's llama has no sliding window: answers are the same up to "
                            + config.window().getAsLong()
                            + " tokens, and may differ beyond");
        }
    }

    private static void addScaling(
            LlamaConfig config, Map<String, GgufValue> metadata, List<String> notes) {
        switch (config.ropeScaling()) {
            case RopeScaling.None none -> {}
            // Stands in the file as the tensor rope_freqs.weight.
            case RopeScaling.Llama3 llama3 -> {}
            case RopeScaling.Linear(double factor) -> {
                metadata.put("llama.rope.scaling.type", text("linear"));
                metadata.put("llama.rope.scaling.factor", float32(factor));
            }
            case RopeScaling.Dynamic dynamic ->
                    notes.add(
                            "dynamic RoPE scaling does not exist in llama.cpp: answers are the same"
                                    + " up to "
                                    + config.context()
                                    + " tokens, and worse beyond");
            case RopeScaling.Yarn yarn -> addYarn(yarn, metadata, notes);
        }
    }

    private static void addYarn(
            RopeScaling.Yarn yarn, Map<String, GgufValue> metadata, List<String> notes) {
        metadata.put("llama.rope.scaling.type", text("yarn"));
        metadata.put("llama.rope.scaling.factor", float32(yarn.factor()));
        metadata.put("llama.rope.scaling.original_context_length", uint32(yarn.originalContext()));
        // llama.cpp multiplies the paper's factor by this one.
        yarn.attentionFactor()
                .ifPresent(factor ->
                        metadata.put(
                                "llama.rope.scaling.attn_factor",
                                float32(factor / (0.1 * Math.log(yarn.factor()) + 1))));
        if (yarn.betaFast() != 32 || yarn.betaSlow() != 1) {
            metadata.put("llama.rope.scaling.yarn_beta_fast", float32(yarn.betaFast()));
            metadata.put("llama.rope.scaling.yarn_beta_slow", float32(yarn.betaSlow()));
            notes.add(
                    "YaRN's beta_fast and beta_slow are not the usual 32 and 1: llama.cpp reads"
                            + " them from the file since 2025, older ones need --yarn-beta-fast and"
                            + " --yarn-beta-slow");
        }
    }
}
