package dev.tailor.torch.internal.adapter;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Seed;
import dev.tailor.core.TailorException;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.LoraStart;
import dev.tailor.torch.LoraTargets;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Decoder;
import dev.tailor.torch.internal.nn.DenseWithLora;
import dev.tailor.torch.internal.nn.EmbeddingLora;
import dev.tailor.torch.internal.nn.Linear;
import dev.tailor.torch.internal.nn.LoraWeights;
import dev.tailor.torch.internal.nn.Parameter;

import org.bytedeco.pytorch.Tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A low-rank adapter attached to a model: the matrices of each adapted linear layer, and the
/// model's own weights that learn in full with them.
public final class Adapter implements AutoCloseable {
    /// What PEFT puts before a module's name.
    static final String PREFIX = "base_model.model.";

    private final LoraConfig config;
    private final Map<String, LoraWeights> layers;
    private final Map<String, LoraWeights> starts;
    private final List<SavedWeight> saved;
    private boolean enabled = true;

    /// @param layers what learns, by module
    /// @param starts what it began as, where that was taken off the model's weights
    Adapter(
            LoraConfig config,
            Map<String, LoraWeights> layers,
            Map<String, LoraWeights> starts,
            List<SavedWeight> saved) {
        this.config = config;
        this.layers = new LinkedHashMap<>(layers);
        this.starts = new LinkedHashMap<>(starts);
        this.saved = List.copyOf(saved);
    }

    /// A fresh adapter that learns and changes nothing yet.
    public static Adapter fresh(Host host, LoraConfig config, Seed seed) {
        requireEveryTarget(host, config.targets());
        Set<String> modules = host.modules(config.variant());
        List<Linear> adapted =
                host.decoder().linears().stream()
                        .filter(l -> config.targets().includes(l.name()))
                        .filter(l -> !modules.contains(l.name()))
                        .toList();
        boolean embedding =
                config.targets().includesEmbedding() && !modules.contains(Host.EMBEDDING);
        if (adapted.isEmpty() && !embedding) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID, "no linear layer matches " + config.targets())
                    .remedy(
                            "use all-linear or names such as q_proj, k_proj, v_proj, o_proj,"
                                    + " gate_proj, up_proj, down_proj");
        }
        List<SavedWeight> saved =
                modules.stream()
                        .flatMap(module -> host.parameters(module).stream())
                        .map(SavedWeight::new)
                        .toList();
        Map<String, LoraWeights> layers = new LinkedHashMap<>();
        Map<String, LoraWeights> starts = new LinkedHashMap<>();
        FreshLayer fresh = new FreshLayer(config, seed);
        if (embedding) {
            layers.put(Host.EMBEDDING, fresh.ofEmbedding(host));
        }
        for (Linear linear : adapted) {
            layers.put(linear.name(), fresh.of(linear.dense()));
        }
        if (config.variant().start() == LoraStart.PRINCIPAL) {
            layers.forEach((module, weights) -> starts.put(module, copy(weights)));
        }
        Adapter adapter = new Adapter(config, layers, starts, saved);
        adapter.learn(config.variant().learningRateRatio());
        return adapter;
    }

    /// No name may stand there for nothing.
    private static void requireEveryTarget(Host host, LoraTargets targets) {
        if (!(targets instanceof LoraTargets.Names(List<String> names))) {
            return;
        }
        for (String name : names) {
            LoraTargets alone = new LoraTargets.Names(List.of(name));
            if (!alone.includesEmbedding()
                    && host.decoder().linears().stream().noneMatch(l -> alone.includes(l.name()))) {
                throw TailorException.of(
                                ErrorCode.CONFIG_INVALID,
                                "no module that can take an adapter is called '" + name + "'")
                        .remedy(
                                "use all-linear, names such as q_proj, v_proj, down_proj, or"
                                        + " embed_tokens; the head learns with modules-to-save");
            }
        }
    }

    private static LoraWeights copy(LoraWeights weights) {
        return new LoraWeights(copy(weights.a()), copy(weights.b()), Optional.empty());
    }

    private static Parameter copy(Parameter parameter) {
        return Scoped.call(() -> {
            Tensor data = parameter.data();
            return new Parameter(parameter.name(), Tensors.copy(data, data.scalar_type()));
        });
    }

    /// Lets it learn, B so many times faster than the rest.
    public void learn(double learningRateRatio) {
        Stream.concat(parameters().stream(), saved().stream()).forEach(p -> p.trainable(true));
        layers.values().forEach(w -> w.b().learningRateFactor(learningRateRatio));
    }

    /// Puts the adapter beside the model's linear layers and on its embedding.
    public void attach(Decoder decoder) {
        decoder.adaptEmbedding(
                Optional.ofNullable(layers.get(Host.EMBEDDING))
                        .map(weights ->
                                new EmbeddingLora(
                                        weights,
                                        config.scaleOf(Host.EMBEDDING, weights.rank()),
                                        () -> enabled)));
        decoder.replaceLinears(linear -> {
            LoraWeights weights = layers.get(linear.name());
            return weights == null
                    ? linear
                    : new DenseWithLora(
                            linear.dense(),
                            weights,
                            Optional.ofNullable(starts.get(linear.name())),
                            config.scaleOf(linear.name(), weights.rank()),
                            config.dropout(),
                            () -> enabled);
        });
    }

    /// Takes the adapter off the model and gives the model back what it was before.
    public void detach(Decoder decoder) {
        saved.forEach(s -> s.use(false));
        saved().forEach(p -> p.trainable(false));
        for (Linear linear : decoder.linears()) {
            if (linear instanceof DenseWithLora lora && lora.start().isPresent()) {
                DenseWithLora before =
                        new DenseWithLora(
                                lora.dense(),
                                lora.start().get(),
                                Optional.empty(),
                                lora.scale(),
                                0,
                                () -> true);
                fuse(before);
            }
        }
        decoder.replaceLinears(Linear::dense);
        decoder.adaptEmbedding(Optional.empty());
    }

    /// Makes the model's weights those it has with the adapter, and takes the adapter off.
    public void fuse(Host host) {
        Decoder decoder = host.decoder();
        saved.forEach(s -> s.use(true));
        saved().forEach(p -> p.trainable(false));
        for (Linear linear : decoder.linears()) {
            if (linear instanceof DenseWithLora lora) {
                fuse(lora);
            }
        }
        decoder.replaceLinears(Linear::dense);
        decoder.embeddingLora()
                .ifPresent(lora ->
                        Scoped.run(() -> {
                            Tensor embedding = host.embedding().data();
                            embedding.copy_(lora.fused(embedding));
                        }));
        decoder.adaptEmbedding(Optional.empty());
    }

    private static void fuse(DenseWithLora lora) {
        if (!(lora.dense().weight() instanceof Parameter weight)) {
            throw new IllegalStateException("a quantised weight cannot take an adapter in");
        }
        Scoped.run(() -> weight.data().copy_(lora.fused(weight.data())));
    }

    /// Switches it on or off.
    public void enabled(boolean on) {
        enabled = on;
        saved.forEach(s -> s.use(on));
    }

    /// Its settings.
    LoraConfig config() {
        return config;
    }

    /// The matrices by module.
    Map<String, LoraWeights> layers() {
        return layers;
    }

    /// What the matrices began as, by module, where it was taken off the model's weights.
    Map<String, LoraWeights> starts() {
        return starts;
    }

    /// The model's own weights that learn in full.
    List<Parameter> saved() {
        return saved.stream().map(SavedWeight::parameter).toList();
    }

    /// Everything that is the adapter's own.
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        layers.values().forEach(weights -> parameters.addAll(weights.parameters()));
        return parameters;
    }

    @Override
    public void close() {
        parameters().forEach(Parameter::close);
        starts.values().forEach(weights -> weights.parameters().forEach(Parameter::close));
        saved.forEach(SavedWeight::close);
        layers.clear();
        starts.clear();
    }
}
