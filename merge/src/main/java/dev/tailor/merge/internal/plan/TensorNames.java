package dev.tailor.merge.internal.plan;

import java.util.regex.Pattern;

/// What the name of a tensor says about it, whatever the model's family.
final class TensorNames {
    /// A component that is a number: inside of numbered layers, or of an `nn.Sequential`.
    private static final Pattern NUMBERED = Pattern.compile("(?:.*\\.)?\\d+\\..*");

    private static final Pattern EMBEDDING =
            Pattern.compile(
                    "(?:.*\\.)?(?:embed_tokens|tok_embeddings|word_embeddings|token_embedding|wte"
                            + "|embed_in|shared|embeddings|lm_head|embed_out|proj_out|output"
                            + "|output_layer|vocab_projector|predictions\\.decoder"
                            + "|lm_head\\.decoder)\\.(?:weight|bias)"
                            + "|(?:.*\\.)?predictions\\.bias");

    private static final Pattern OUTPUT_SIDE =
            Pattern.compile(
                    "(?:.*\\.)?(?:norm|final_norm|final_layernorm|final_layer_norm|layer_norm"
                            + "|post_layernorm|ln_post|ln_f|norm_f|embed_out|output|output_layer"
                            + "|proj_out|logit_scale)(?:\\.(?:weight|bias))?"
                            + "|(?:.*\\.)?(?:lm_head|cls|pooler|score|classifier|pre_classifier"
                            + "|qa_outputs|vocab_transform|vocab_layer_norm|vocab_projector"
                            + "|merger)\\..+");

    /// What checkpoints of one family may have or leave out: biases, norms of queries and keys,
    /// buffers, poolers and the heads of tasks.
    private static final Pattern OPTIONAL =
            Pattern.compile(
                    "(?:.*\\.)?bias"
                            + "|(?:.*\\.)?(?:[qk]_norm|[qk]_layernorm|query_norm|key_norm)\\..+"
                            + "|(?:.*\\.)?(?:position_ids|token_type_ids|masked_bias|inv_freq)"
                            + "|(?:.*\\.)?(?:pooler|cls|score|classifier|pre_classifier|qa_outputs"
                            + "|vocab_transform|vocab_layer_norm|vocab_projector)\\..+");

    /// Frequencies of rotary embeddings and masks are computed, not learnt; old checkpoints hold
    /// them.
    private static final Pattern COMPUTED =
            Pattern.compile(".*\\.rotary_(?:pos_)?emb\\.inv_freq|.*\\.attn\\.masked_bias");

    private TensorNames() {}

    /// Whether a tensor outside of layers has a row for each token.
    static boolean isEmbedding(String name) {
        return EMBEDDING.matcher(name).matches() && !NUMBERED.matcher(name).matches();
    }

    /// Whether a tensor outside of layers comes after them.
    static boolean isOutputSide(String name) {
        return OUTPUT_SIDE.matcher(name).matches();
    }

    /// Whether a model may lack the tensor where others of its family have it.
    static boolean isOptional(String name) {
        return OPTIONAL.matcher(name).matches();
    }

    /// Whether a tensor need not be in a checkpoint at all.
    static boolean isComputed(String name) {
        return COMPUTED.matcher(name).matches();
    }
}
