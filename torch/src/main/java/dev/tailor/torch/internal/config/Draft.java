package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.DecoderConfig.Attention;
import dev.tailor.torch.DecoderConfig.Experts;
import dev.tailor.torch.DecoderConfig.Layer;
import dev.tailor.torch.DecoderConfig.Mlp;
import dev.tailor.torch.DecoderConfig.Multipliers;
import dev.tailor.torch.DecoderConfig.Norm;
import dev.tailor.torch.DecoderConfig.QueryKeyNorm;
import dev.tailor.torch.DecoderConfig.Rope;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/// A decoder in the making. It starts as a Llama by the keys that all families share; a family then
/// says what is different, and what its defaults are before any key is read.
final class Draft {
    private final ConfigReader config;
    private final int hidden;
    private final int layers;
    private final int heads;
    private final int keyValueHeads;
    private final int headDim;
    private final int maxPositions;
    private boolean inputBias;
    private boolean outputBias;
    private boolean fused;
    private QueryKeyNorm queryKeyNorm = QueryKeyNorm.NONE;
    private double scale;
    private double softCap;
    private String activationKey = "hidden_act";
    private Mlp.Activation activation = Mlp.Activation.SILU;
    private Mlp.Shape mlpShape = Mlp.Shape.GATED;
    private Norm.Placement placement = Norm.Placement.BEFORE;
    private boolean normOffset;
    private double epsilon = 1e-6;
    private boolean tied;
    private Multipliers multipliers = Multipliers.NONE;
    private Optional<Experts> experts = Optional.empty();
    private IntPredicate sparse = layer -> false;
    private IntFunction<OptionalInt> window = layer -> OptionalInt.empty();
    private IntFunction<Optional<Rope>> rope;

    Draft(ConfigReader config, int defaultMaxPositions) {
        this.config = config;
        hidden = config.positive("hidden_size");
        layers = config.positive("num_hidden_layers");
        heads = config.positive("num_attention_heads");
        keyValueHeads = config.optionalPositive("num_key_value_heads").orElse(heads);
        if (heads % keyValueHeads != 0) {
            throw ConfigReader.invalid(
                    heads + " attention heads cannot share " + keyValueHeads + " key-value heads");
        }
        headDim = config.optionalPositive("head_dim").orElse(hidden / heads);
        scale = 1 / Math.sqrt(headDim);
        maxPositions =
                config.optionalPositive("max_position_embeddings").orElse(defaultMaxPositions);
        rope = layer -> Optional.empty();
    }

    /// Biases of queries, keys and values, and of attention's output.
    Draft biases(boolean input, boolean output) {
        inputBias = input;
        outputBias = output;
        return this;
    }

    /// Biases of all four, as `attention_bias` says.
    Draft attentionBias() {
        boolean bias = config.flag("attention_bias", false);
        return biases(bias, bias);
    }

    /// Queries, keys and values are one matrix, and so are gate and up.
    Draft fused() {
        fused = true;
        mlpShape = Mlp.Shape.FUSED;
        return this;
    }

    Draft queryKeyNorm(QueryKeyNorm norm) {
        queryKeyNorm = norm;
        return this;
    }

    /// What scores are multiplied by, where it is not `1 / √headDim`.
    Draft scale(double value) {
        scale = value;
        return this;
    }

    Draft softCap(double value) {
        softCap = value;
        return this;
    }

    /// The only activation this family has, and the key that must name it.
    Draft activation(String key, Mlp.Activation value) {
        activationKey = key;
        activation = value;
        return this;
    }

    Draft plainMlp() {
        mlpShape = Mlp.Shape.PLAIN;
        return this;
    }

    Draft norms(Norm.Placement where, boolean offset) {
        placement = where;
        normOffset = offset;
        return this;
    }

    Draft defaultEpsilon(double value) {
        epsilon = value;
        return this;
    }

    Draft tiedByDefault() {
        tied = true;
        return this;
    }

    Draft multipliers(Multipliers values) {
        multipliers = values;
        return this;
    }

    /// Experts in the layers that the predicate names.
    Draft experts(Experts mixture, IntPredicate where) {
        experts = Optional.of(mixture);
        sparse = where;
        return this;
    }

    /// One window for all layers.
    Draft window(OptionalInt positions) {
        window = layer -> positions;
        return this;
    }

    /// A window for the layers that `layer_types` calls `sliding_attention`; without that key, for
    /// those that the predicate names.
    Draft window(OptionalInt positions, IntPredicate sliding) {
        IntPredicate slides = slides(sliding);
        window = layer -> slides.test(layer) ? positions : OptionalInt.empty();
        return this;
    }

    /// Whether a layer sees a window only.
    IntPredicate slides(IntPredicate absent) {
        JsonNode types = config.json().path("layer_types");
        if (!types.isArray()) {
            return absent;
        }
        if (types.size() != layers) {
            throw ConfigReader.invalid(
                    "'layer_types' has " + types.size() + " entries for " + layers + " layers");
        }
        for (JsonNode type : types) {
            if (!type.asString("").equals("sliding_attention")
                    && !type.asString("").equals("full_attention")) {
                throw ConfigReader.invalid(
                        "unknown kind of layer "
                                + type
                                + " in 'layer_types' (known: sliding_attention, full_attention)");
            }
        }
        return layer -> types.get(layer).asString("").equals("sliding_attention");
    }

    /// The same rotation in all layers.
    Draft rope(double defaultTheta) {
        return rope(defaultTheta, layer -> true);
    }

    /// The same rotation in the layers that the predicate names, none in the others.
    Draft rope(double defaultTheta, IntPredicate rotates) {
        Rope read = ropeReader().read(defaultTheta);
        rope = layer -> rotates.test(layer) ? Optional.of(read) : Optional.empty();
        return this;
    }

    /// A rotation by layer.
    Draft rope(IntFunction<Rope> byLayer) {
        rope = layer -> Optional.of(byLayer.apply(layer));
        return this;
    }

    RopeReader ropeReader() {
        return new RopeReader(config, headDim, maxPositions);
    }

    int hidden() {
        return hidden;
    }

    /// Reads what is left and puts everything together.
    DecoderConfig build() {
        requireActivation();
        List<Layer> stack = new ArrayList<>();
        for (int l = 0; l < layers; l++) {
            stack.add(new Layer(window.apply(l), rope.apply(l), sparse.test(l)));
        }
        return new DecoderConfig(
                config.architecture(),
                config.positive("vocab_size"),
                hidden,
                stack,
                maxPositions,
                new Attention(
                        heads,
                        keyValueHeads,
                        headDim,
                        inputBias,
                        outputBias,
                        fused,
                        queryKeyNorm,
                        scale,
                        softCap),
                new Mlp(
                        config.positive("intermediate_size"),
                        config.flag("mlp_bias", false),
                        mlpShape,
                        activation),
                experts,
                new Norm(placement, config.number("rms_norm_eps", epsilon), normOffset),
                multipliers,
                config.flag("tie_word_embeddings", tied),
                config.number("initializer_range", 0.02),
                config.json());
    }

    private void requireActivation() {
        String known =
                switch (activation) {
                    case SILU -> "silu";
                    case GELU_TANH -> "gelu_pytorch_tanh";
                    case RELU_SQUARED -> "relu2";
                };
        String named = config.text(activationKey, known);
        if (!named.equals(known)) {
            throw ConfigReader.invalid(
                    "'%s' is '%s', only %s is known in %s"
                            .formatted(activationKey, named, known, config.architecture()));
        }
    }
}
