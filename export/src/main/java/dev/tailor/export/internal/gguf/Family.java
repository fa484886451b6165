package dev.tailor.export.internal.gguf;

import static dev.tailor.export.internal.gguf.LayerPart.attention;
import static dev.tailor.export.internal.gguf.LayerPart.feedForward;
import static dev.tailor.export.internal.gguf.LayerPart.norm;
import static dev.tailor.export.internal.gguf.LayerPart.plain;
import static dev.tailor.export.internal.gguf.LayerPart.rotated;
import static dev.tailor.export.internal.gguf.LayerPart.row;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The families of models that can be written: Hugging Face's `model_type`, llama.cpp's
/// architecture, and the weights of a layer. What llama.cpp fixes in its code instead of reading it
/// from the file is checked by [FixedByArchitecture].
enum Family {
    LLAMA("llama", "llama", Heads.INTERLEAVED, "silu", layer(Parts.BEFORE, Parts.GATED)),
    MISTRAL("mistral", "llama", Heads.INTERLEAVED, "silu", layer(Parts.BEFORE, Parts.GATED)),
    MIXTRAL("mixtral", "llama", Heads.INTERLEAVED, "silu", layer(Parts.BEFORE, Parts.MIXTRAL)),
    GRANITE("granite", "granite", Heads.INTERLEAVED, "silu", layer(Parts.BEFORE, Parts.GATED)),
    SMOLLM3("smollm3", "smollm3", Heads.INTERLEAVED, "silu", layer(Parts.BEFORE, Parts.GATED)),
    ARCEE("arcee", "arcee", Heads.INTERLEAVED, "relu2", layer(Parts.BEFORE, Parts.UNGATED)),
    QWEN2("qwen2", "qwen2", Heads.HALVES, "silu", layer(Parts.BEFORE, Parts.GATED)),
    QWEN2_MOE(
            "qwen2_moe",
            "qwen2moe",
            Heads.HALVES,
            "silu",
            layer(Parts.BEFORE, Parts.QWEN_EXPERTS, Parts.SHARED_EXPERT)),
    QWEN3(
            "qwen3",
            "qwen3",
            Heads.HALVES,
            "silu",
            layer(Parts.BEFORE, Parts.HEAD_NORMS, Parts.GATED)),
    QWEN3_MOE(
            "qwen3_moe",
            "qwen3moe",
            Heads.HALVES,
            "silu",
            layer(Parts.BEFORE, Parts.HEAD_NORMS, Parts.QWEN_EXPERTS)),
    GEMMA2("gemma2", "gemma2", Heads.HALVES, "gelu_pytorch_tanh", layer(Parts.AROUND, Parts.GATED)),
    GEMMA3(
            "gemma3_text",
            "gemma3",
            Heads.HALVES,
            "gelu_pytorch_tanh",
            layer(Parts.AROUND, Parts.HEAD_NORMS, Parts.GATED)),
    OLMO2("olmo2", "olmo2", Heads.HALVES, "silu", layer(Parts.AFTER, Parts.GATED)),
    PHI3("phi3", "phi3", Heads.HALVES, "silu", Parts.FUSED);

    private static final Set<Family> UNPROVEN = Set.of(GEMMA3, PHI3, SMOLLM3);

    /// Which rows of a head are rotated against each other in llama.cpp's architecture. Checkpoints
    /// always have halves.
    enum Heads {
        HALVES,
        INTERLEAVED
    }

    private final String modelType;
    private final String architecture;
    private final Heads heads;
    private final String activation;
    private final List<LayerPart> parts;

    Family(
            String modelType,
            String architecture,
            Heads heads,
            String activation,
            List<LayerPart> parts) {
        this.modelType = modelType;
        this.architecture = architecture;
        this.heads = heads;
        this.activation = activation;
        this.parts = parts;
    }

    static Optional<Family> of(String modelType) {
        return proven().filter(family -> family.modelType.equals(modelType)).findFirst();
    }

    static List<String> modelTypes() {
        return proven().map(Family::modelType).toList();
    }

    /// Those whose files have been read back by llama.cpp or, where it does not know them yet,
    /// without loss. The others are refused until they have.
    private static Stream<Family> proven() {
        return Arrays.stream(values()).filter(family -> !UNPROVEN.contains(family));
    }

    String modelType() {
        return modelType;
    }

    String architecture() {
        return architecture;
    }

    boolean interleavesHeads() {
        return heads == Heads.INTERLEAVED;
    }

    /// The activation, named as in `config.json`, that llama.cpp has for the architecture.
    String activation() {
        return activation;
    }

    List<LayerPart> parts() {
        return parts;
    }

    boolean isGemma() {
        return this == GEMMA2 || this == GEMMA3;
    }

    boolean hasExperts() {
        return parts.stream().anyMatch(LayerPart::isOfExperts);
    }

    boolean normsHeads() {
        return parts.containsAll(Parts.HEAD_NORMS);
    }

    @SafeVarargs
    private static List<LayerPart> layer(List<LayerPart>... parts) {
        return Stream.concat(Parts.ATTENTION.stream(), Arrays.stream(parts).flatMap(List::stream))
                .toList();
    }

    /// What layers are put together of.
    private static final class Parts {
        static final List<LayerPart> ATTENTION =
                List.of(
                        rotated("q_proj", "attn_q", Size.QUERIES),
                        rotated("k_proj", "attn_k", Size.KEYS),
                        attention("v_proj", "attn_v", Size.KEYS, Size.HIDDEN),
                        attention("o_proj", "attn_output", Size.HIDDEN, Size.QUERIES));
        static final List<LayerPart> BEFORE =
                List.of(
                        norm("input_layernorm", "attn_norm", Size.HIDDEN),
                        norm("post_attention_layernorm", "ffn_norm", Size.HIDDEN));
        static final List<LayerPart> AROUND =
                List.of(
                        norm("input_layernorm", "attn_norm", Size.HIDDEN),
                        norm("post_attention_layernorm", "post_attention_norm", Size.HIDDEN),
                        norm("pre_feedforward_layernorm", "ffn_norm", Size.HIDDEN),
                        norm("post_feedforward_layernorm", "post_ffw_norm", Size.HIDDEN));
        static final List<LayerPart> AFTER =
                List.of(
                        norm("self_attn.q_norm", "attn_q_norm", Size.QUERIES),
                        norm("self_attn.k_norm", "attn_k_norm", Size.KEYS),
                        norm("post_attention_layernorm", "post_attention_norm", Size.HIDDEN),
                        norm("post_feedforward_layernorm", "post_ffw_norm", Size.HIDDEN));
        static final List<LayerPart> HEAD_NORMS =
                List.of(
                        norm("self_attn.q_norm", "attn_q_norm", Size.HEAD),
                        norm("self_attn.k_norm", "attn_k_norm", Size.HEAD));
        static final List<LayerPart> UNGATED =
                List.of(
                        feedForward("up_proj", "ffn_up", Size.INNER, Size.HIDDEN),
                        feedForward("down_proj", "ffn_down", Size.HIDDEN, Size.INNER));
        static final List<LayerPart> GATED =
                List.of(
                        feedForward("gate_proj", "ffn_gate", Size.INNER, Size.HIDDEN),
                        feedForward("up_proj", "ffn_up", Size.INNER, Size.HIDDEN),
                        feedForward("down_proj", "ffn_down", Size.HIDDEN, Size.INNER));
        static final List<LayerPart> FUSED =
                List.of(
                        attention("qkv_proj", "attn_qkv", Size.QUERIES_KEYS_VALUES, Size.HIDDEN),
                        attention("o_proj", "attn_output", Size.HIDDEN, Size.QUERIES),
                        norm("input_layernorm", "attn_norm", Size.HIDDEN),
                        norm("post_attention_layernorm", "ffn_norm", Size.HIDDEN),
                        feedForward("gate_up_proj", "ffn_up", Size.GATE_AND_UP, Size.HIDDEN),
                        feedForward("down_proj", "ffn_down", Size.HIDDEN, Size.INNER));
        static final List<LayerPart> MIXTRAL = experts("block_sparse_moe", "w1", "w3", "w2");
        static final List<LayerPart> QWEN_EXPERTS =
                experts("mlp", "gate_proj", "up_proj", "down_proj");
        static final List<LayerPart> SHARED_EXPERT =
                List.of(
                        row("mlp.shared_expert_gate", "ffn_gate_inp_shexp"),
                        plain(
                                "mlp.shared_expert.gate_proj",
                                "ffn_gate_shexp",
                                Size.SHARED_INNER,
                                Size.HIDDEN),
                        plain(
                                "mlp.shared_expert.up_proj",
                                "ffn_up_shexp",
                                Size.SHARED_INNER,
                                Size.HIDDEN),
                        plain(
                                "mlp.shared_expert.down_proj",
                                "ffn_down_shexp",
                                Size.HIDDEN,
                                Size.SHARED_INNER));

        private static List<LayerPart> experts(String block, String gate, String up, String down) {
            String expert = block + ".experts." + LayerPart.EXPERT + ".";
            return List.of(
                    plain(block + ".gate", "ffn_gate_inp", Size.EXPERTS, Size.HIDDEN),
                    plain(expert + gate, "ffn_gate_exps", Size.EXPERT_INNER, Size.HIDDEN),
                    plain(expert + up, "ffn_up_exps", Size.EXPERT_INNER, Size.HIDDEN),
                    plain(expert + down, "ffn_down_exps", Size.HIDDEN, Size.EXPERT_INNER));
        }
    }
}
