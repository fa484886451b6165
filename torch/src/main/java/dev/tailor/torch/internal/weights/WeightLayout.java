package dev.tailor.torch.internal.weights;

import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Experts;
import dev.tailor.torch.DecoderConfig.Mlp;
import dev.tailor.torch.DecoderConfig.QueryKeyNorm;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tensors that a model of some shape consists of: name and shape, in the order of computation.
/// They are those of transformers' checkpoints, where each expert has matrices of its own.
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
            layout.layer("model.layers." + l + ".", config.stack().get(l));
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

    private void layer(String prefix, DecoderConfig.Layer layer) {
        DecoderConfig.Norm.Placement norms = config.norm().placement();
        norms.beforeAttention().ifPresent(name -> norm(prefix + name, config.hiddenSize()));
        attention(prefix + "self_attn.");
        norms.afterAttention().ifPresent(name -> norm(prefix + name, config.hiddenSize()));
        norms.beforeMlp().ifPresent(name -> norm(prefix + name, config.hiddenSize()));
        if (layer.sparse()) {
            experts(prefix, config.experts().orElseThrow());
        } else {
            mlp(prefix + "mlp.");
        }
        norms.afterMlp().ifPresent(name -> norm(prefix + name, config.hiddenSize()));
    }

    private void attention(String prefix) {
        DecoderConfig.Attention attention = config.attention();
        long hidden = config.hiddenSize();
        long queries = (long) attention.heads() * attention.headDim();
        long keys = (long) attention.keyValueHeads() * attention.headDim();
        if (attention.fused()) {
            linear(prefix + "qkv_proj", queries + 2 * keys, hidden, attention.inputBias());
        } else {
            linear(prefix + "q_proj", queries, hidden, attention.inputBias());
            linear(prefix + "k_proj", keys, hidden, attention.inputBias());
            linear(prefix + "v_proj", keys, hidden, attention.inputBias());
        }
        if (attention.queryKeyNorm() != QueryKeyNorm.NONE) {
            boolean perHead = attention.queryKeyNorm() == QueryKeyNorm.HEAD;
            norm(prefix + "q_norm", perHead ? attention.headDim() : queries);
            norm(prefix + "k_norm", perHead ? attention.headDim() : keys);
        }
        linear(prefix + "o_proj", hidden, queries, attention.outputBias());
    }

    private void mlp(String prefix) {
        Mlp mlp = config.mlp();
        long hidden = config.hiddenSize();
        switch (mlp.shape()) {
            case GATED -> {
                linear(prefix + "gate_proj", mlp.size(), hidden, mlp.bias());
                linear(prefix + "up_proj", mlp.size(), hidden, mlp.bias());
            }
            case FUSED -> linear(prefix + "gate_up_proj", 2L * mlp.size(), hidden, mlp.bias());
            case PLAIN -> linear(prefix + "up_proj", mlp.size(), hidden, mlp.bias());
        }
        linear(prefix + "down_proj", hidden, mlp.size(), mlp.bias());
    }

    private void experts(String layer, Experts experts) {
        Experts.Names names = experts.names();
        String prefix = layer + names.block() + ".";
        long hidden = config.hiddenSize();
        linear(prefix + "gate", experts.count(), hidden, false);
        for (int e = 0; e < experts.count(); e++) {
            String expert = prefix + "experts." + e + ".";
            linear(expert + names.gate(), experts.size(), hidden, false);
            linear(expert + names.up(), experts.size(), hidden, false);
            linear(expert + names.down(), hidden, experts.size(), false);
        }
        if (experts.sharedSize() > 0) {
            String shared = prefix + "shared_expert.";
            linear(shared + "gate_proj", experts.sharedSize(), hidden, false);
            linear(shared + "up_proj", experts.sharedSize(), hidden, false);
            linear(shared + "down_proj", hidden, experts.sharedSize(), false);
            linear(prefix + "shared_expert_gate", 1, hidden, false);
        }
    }

    private void norm(String module, long size) {
        add(module + ".weight", size);
    }

    private void linear(String module, long out, long in, boolean bias) {
        add(module + ".weight", out, in);
        if (bias) {
            add(module + ".bias", out);
        }
    }

    private void add(String name, long... shape) {
        shapes.put(name, Arrays.stream(shape).boxed().toList());
    }
}
