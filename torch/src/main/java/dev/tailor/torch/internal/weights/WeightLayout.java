package dev.tailor.torch.internal.weights;

import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.DecoderConfig;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tensors that a model of some shape consists of: name and shape, in the order of computation.
public final class WeightLayout {
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();
    private final DecoderConfig config;

    private WeightLayout(DecoderConfig config) {
        this.config = config;
    }

    /// The tensors of a model.
    public static Map<String, List<Long>> of(DecoderConfig config) {
        WeightLayout layout = new WeightLayout(config);
        layout.add("model.embed_tokens.weight", config.vocabularySize(), config.hiddenSize());
        for (int l = 0; l < config.layers(); l++) {
            layout.layer("model.layers." + l + ".");
        }
        layout.add("model.norm.weight", config.hiddenSize());
        if (!config.tiedHead()) {
            layout.add("lm_head.weight", config.vocabularySize(), config.hiddenSize());
        }
        return layout.shapes;
    }

    /// Whether a tensor is the matrix of a linear layer inside one of the model's layers: what may
    /// be kept in fewer bits. Not the routers of experts, which are small and sensitive.
    public static boolean isLayerMatrix(TensorInfo info) {
        return info.shape().size() == 2
                && info.name().contains(".layers.")
                && info.name().endsWith(".weight")
                && !info.name().endsWith(".gate.weight");
    }

    private void layer(String prefix) {
        DecoderConfig.Attention attention = config.attention();
        long hidden = config.hiddenSize();
        long queries = (long) attention.heads() * attention.headDim();
        long keys = (long) attention.keyValueHeads() * attention.headDim();
        long mlp = config.mlp().size();
        add(prefix + "input_layernorm.weight", hidden);
        linear(prefix + "self_attn.q_proj", queries, hidden, attention.inputBias());
        linear(prefix + "self_attn.k_proj", keys, hidden, attention.inputBias());
        linear(prefix + "self_attn.v_proj", keys, hidden, attention.inputBias());
        linear(prefix + "self_attn.o_proj", hidden, queries, attention.outputBias());
        add(prefix + "post_attention_layernorm.weight", hidden);
        linear(prefix + "mlp.gate_proj", mlp, hidden, config.mlp().bias());
        linear(prefix + "mlp.up_proj", mlp, hidden, config.mlp().bias());
        linear(prefix + "mlp.down_proj", hidden, mlp, config.mlp().bias());
    }

    private void linear(String module, long out, long in, boolean bias) {
        add(module + ".weight", out, in);
        if (bias) {
            add(module + ".bias", out);
        }
    }

    private void add(String name, long... shape) {
        shapes.put(name, java.util.Arrays.stream(shape).boxed().toList());
    }
}
