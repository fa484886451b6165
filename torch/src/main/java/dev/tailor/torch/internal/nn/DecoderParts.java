package dev.tailor.torch.internal.nn;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Experts;
import dev.tailor.torch.DecoderConfig.Norm.Placement;
import dev.tailor.torch.DecoderConfig.QueryKeyNorm;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Puts the parts of a decoder together from its parameters by name, by the features of its
/// configuration.
record DecoderParts(DecoderConfig config, ParameterSource parameters) {
    /// Every layer.
    List<DecoderLayer> layers() {
        List<DecoderLayer> layers = new ArrayList<>();
        for (int l = 0; l < config.layers(); l++) {
            layers.add(layer("model.layers." + l + ".", config.stack().get(l)));
        }
        return List.copyOf(layers);
    }

    private DecoderLayer layer(String prefix, DecoderConfig.Layer layer) {
        Placement norms = config.norm().placement();
        FeedForward mlp =
                layer.sparse()
                        ? experts(prefix, config.experts().orElseThrow())
                        : mlp(prefix + "mlp.");
        return new DecoderLayer(
                attention(prefix + "self_attn."),
                mlp,
                new DecoderLayer.Norms(
                        norms.beforeAttention().map(name -> norm(prefix + name)),
                        norms.afterAttention().map(name -> norm(prefix + name)),
                        norms.beforeMlp().map(name -> norm(prefix + name)),
                        norms.afterMlp().map(name -> norm(prefix + name))),
                config.multipliers().residual());
    }

    private SelfAttention attention(String prefix) {
        DecoderConfig.Attention shape = config.attention();
        QueryKeyValue inputs =
                shape.fused()
                        ? new QueryKeyValue.Fused(
                                parameters.linear(prefix + "qkv_proj"),
                                (long) shape.heads() * shape.headDim(),
                                (long) shape.keyValueHeads() * shape.headDim())
                        : new QueryKeyValue.Separate(
                                parameters.linear(prefix + "q_proj"),
                                parameters.linear(prefix + "k_proj"),
                                parameters.linear(prefix + "v_proj"));
        Optional<SelfAttention.Norms> norms =
                shape.queryKeyNorm() == QueryKeyNorm.NONE
                        ? Optional.empty()
                        : Optional.of(
                                new SelfAttention.Norms(
                                        norm(prefix + "q_norm"), norm(prefix + "k_norm")));
        return new SelfAttention(inputs, norms, parameters.linear(prefix + "o_proj"));
    }

    private FeedForward mlp(String prefix) {
        return switch (config.mlp().shape()) {
            case GATED -> gated(prefix, "gate_proj", "up_proj", "down_proj");
            case FUSED ->
                    new FusedMlp(
                            parameters.linear(prefix + "gate_up_proj"),
                            parameters.linear(prefix + "down_proj"),
                            gating());
            case PLAIN ->
                    new PlainMlp(
                            parameters.linear(prefix + "up_proj"),
                            parameters.linear(prefix + "down_proj"));
        };
    }

    private GatedMlp gated(String prefix, String gate, String up, String down) {
        return new GatedMlp(
                parameters.linear(prefix + gate),
                parameters.linear(prefix + up),
                parameters.linear(prefix + down),
                gating());
    }

    private Gating gating() {
        return switch (config.mlp().activation()) {
            case SILU -> Gating.SWIGLU;
            case GELU_TANH -> Gating.GEGLU;
            case RELU_SQUARED ->
                    throw new IllegalStateException("a squared ReLU has no gate: " + config.mlp());
        };
    }

    private ExpertMixture experts(String layer, Experts mixture) {
        Experts.Names names = mixture.names();
        String prefix = layer + names.block() + ".";
        List<GatedMlp> experts = new ArrayList<>();
        for (int e = 0; e < mixture.count(); e++) {
            experts.add(
                    gated(prefix + "experts." + e + ".", names.gate(), names.up(), names.down()));
        }
        Optional<ExpertMixture.Shared> shared =
                mixture.sharedSize() == 0
                        ? Optional.empty()
                        : Optional.of(
                                new ExpertMixture.Shared(
                                        gated(
                                                prefix + "shared_expert.",
                                                "gate_proj",
                                                "up_proj",
                                                "down_proj"),
                                        parameters.linear(prefix + "shared_expert_gate")));
        return new ExpertMixture(
                parameters.linear(prefix + "gate"),
                List.copyOf(experts),
                mixture.perToken(),
                mixture.normalised(),
                shared);
    }

    RmsNorm norm(String module) {
        return new RmsNorm(
                parameters.get(module + ".weight"),
                config.norm().epsilon(),
                config.norm().offset());
    }

    /// The heads of layers with some window.
    Attention.Heads heads(OptionalInt window) {
        DecoderConfig.Attention shape = config.attention();
        return new Attention.Heads(
                shape.heads(),
                shape.keyValueHeads(),
                shape.headDim(),
                shape.scale(),
                window.orElse(Integer.MAX_VALUE),
                shape.softCap());
    }

    /// What embeddings are multiplied by, in the format of the weights where the family says so.
    float embeddingScale(Parameter embedding) {
        float scale = (float) config.multipliers().embedding();
        if (!config.multipliers().embeddingRounded() || Tensors.isFloat(embedding.data())) {
            return scale;
        }
        return bfloat16(scale);
    }

    private static float bfloat16(float value) {
        return Scoped.call(() ->
                Tensors.floats(
                        Tensors.cast(Tensors.floats(new float[] {value}, 1), ScalarType.BFloat16))[
                        0]);
    }
}
