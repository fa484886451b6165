package dev.tailor.torch.internal.adapter;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Decoder;
import dev.tailor.torch.internal.nn.Dense;
import dev.tailor.torch.internal.nn.DenseWithLora;
import dev.tailor.torch.internal.nn.Linear;
import dev.tailor.torch.internal.nn.Parameter;
import dev.tailor.torch.internal.weights.RandomWeights;

import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A low-rank adapter attached to a model: one pair of matrices for each adapted linear layer.
public final class Adapter implements AutoCloseable {
    /// What PEFT puts before a module's name.
    static final String PREFIX = "base_model.model.";

    /// The two matrices of one module.
    record Pair(Parameter a, Parameter b) {}

    private final LoraConfig config;
    private final Map<String, Pair> pairs;
    private boolean enabled = true;

    Adapter(LoraConfig config, Map<String, Pair> pairs) {
        this.config = config;
        this.pairs = new LinkedHashMap<>(pairs);
    }

    /// A fresh adapter that learns and changes nothing yet.
    public static Adapter fresh(Decoder decoder, LoraConfig config, Seed seed) {
        Map<String, Pair> pairs = new LinkedHashMap<>();
        for (Linear linear : decoder.linears()) {
            if (config.targets().includes(linear.name())) {
                pairs.put(linear.name(), pair(linear.dense(), rank(config, linear.name()), seed));
            }
        }
        if (pairs.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID, "no linear layer matches " + config.targets())
                    .remedy(
                            "use all-linear or names such as q_proj, k_proj, v_proj, o_proj,"
                                    + " gate_proj, up_proj, down_proj");
        }
        Adapter adapter = new Adapter(config, pairs);
        adapter.parameters().forEach(p -> p.trainable(true));
        return adapter;
    }

    private static Pair pair(Dense dense, int rank, Seed seed) {
        List<Long> shape = dense.weight().shape();
        long out = shape.get(0);
        long in = shape.get(1);
        return Scoped.call(() ->
                new Pair(
                        new Parameter(
                                PREFIX + dense.name() + ".lora_A.weight",
                                RandomWeights.uniform(dense.name(), rank, in, seed)),
                        new Parameter(
                                PREFIX + dense.name() + ".lora_B.weight",
                                Tensors.zeros(ScalarType.Float, out, rank))));
    }

    /// Puts the adapter beside the model's linear layers.
    public void attach(Decoder decoder) {
        decoder.replaceLinears(linear -> {
            Pair pair = pairs.get(linear.name());
            return pair == null
                    ? linear
                    : new DenseWithLora(
                            linear.dense(),
                            pair.a(),
                            pair.b(),
                            scale(linear.name(), pair),
                            config.dropout(),
                            () -> enabled);
        });
    }

    /// Takes the adapter off the model.
    public void detach(Decoder decoder) {
        decoder.replaceLinears(Linear::dense);
    }

    /// Adds the adapter's product to the model's weights.
    public void fuse(Decoder decoder) {
        for (Linear linear : decoder.linears()) {
            if (linear instanceof DenseWithLora lora) {
                Scoped.run(() -> lora.dense().weight().data().copy_(lora.fused()));
            }
        }
    }

    /// Switches it on or off.
    public void enabled(boolean on) {
        enabled = on;
    }

    /// Its settings.
    LoraConfig config() {
        return config;
    }

    /// The matrices by module.
    Map<String, Pair> pairs() {
        return pairs;
    }

    /// All matrices, A before B.
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        pairs.values()
                .forEach(pair -> {
                    parameters.add(pair.a());
                    parameters.add(pair.b());
                });
        return parameters;
    }

    private double scale(String module, Pair pair) {
        double alpha = pattern(config.alphaPattern(), module, config.alpha());
        long rank = pair.a().shape().getFirst();
        return config.rsLora() ? alpha / Math.sqrt(rank) : alpha / rank;
    }

    private static int rank(LoraConfig config, String module) {
        return pattern(config.rankPattern(), module, config.rank());
    }

    /// The value of the first key that matches the module's name or its end after a dot.
    private static <T> T pattern(Map<String, T> patterns, String module, T otherwise) {
        return patterns.keySet().stream()
                .sorted()
                .filter(key -> Pattern.matches("(.*\\.)?(" + key + ")", module))
                .findFirst()
                .map(patterns::get)
                .orElse(otherwise);
    }

    @Override
    public void close() {
        parameters().forEach(Parameter::close);
        pairs.clear();
    }
}
