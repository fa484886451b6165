package dev.tailor.torch.internal.adapter;

import static dev.tailor.torch.internal.adapter.Adapter.PREFIX;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.nn.Linear;
import dev.tailor.torch.internal.nn.LoraWeights;
import dev.tailor.torch.internal.nn.Parameter;
import dev.tailor.torch.internal.weights.WeightReader;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads a PEFT directory for a model, tensor by tensor; none may be left over.
final class PeftReader {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final String MAGNITUDE = ".lora_magnitude_vector";
    private static final String EMBEDDING_A = PREFIX + Host.EMBEDDING + ".lora_embedding_A";
    private static final String EMBEDDING_B = PREFIX + Host.EMBEDDING + ".lora_embedding_B";
    private static final String REMEDY = "use the base model that the adapter was trained on";

    private final Host host;
    private final LoraConfig config;
    private final Checkpoint checkpoint;
    private final WeightReader reader;
    private final Set<String> used = new HashSet<>();

    private PeftReader(Host host, LoraConfig config, Checkpoint checkpoint) {
        this.host = host;
        this.config = config;
        this.checkpoint = checkpoint;
        this.reader = new WeightReader(checkpoint);
    }

    static Adapter read(Path directory, Host host) {
        Path file = directory.resolve(PeftFiles.CONFIG);
        LoraConfig config = PeftConfig.read(json(file), file);
        Path weights = directory.resolve(PeftFiles.WEIGHTS);
        if (!Files.isRegularFile(weights)) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "the adapter has no weights")
                    .at(weights);
        }
        try (Checkpoint checkpoint = Checkpoint.open(weights)) {
            return new PeftReader(host, config, checkpoint).adapter();
        }
    }

    private static JsonNode json(Path file) {
        if (!Files.isRegularFile(file)) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND, "not an adapter: no " + PeftFiles.CONFIG)
                    .at(file.resolveSibling(""));
        }
        try {
            return JsonMapper.shared().readTree(file);
        } catch (JacksonException e) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "not JSON: " + e.getOriginalMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    private Adapter adapter() {
        Map<String, LoraWeights> layers = new LinkedHashMap<>();
        Map<Parameter, SavedWeight> saved = new LinkedHashMap<>();
        try {
            for (Linear linear : host.decoder().linears()) {
                String name = PREFIX + linear.name();
                if (checkpoint.contains(name + A) && checkpoint.contains(name + B)) {
                    layers.put(linear.name(), layer(linear));
                }
            }
            if (checkpoint.contains(EMBEDDING_A) && checkpoint.contains(EMBEDDING_B)) {
                layers.put(Host.EMBEDDING, embedding());
            }
            replaceWeights(saved);
            requireNothingLeft(layers);
            return new Adapter(config, layers, Map.of(), List.copyOf(saved.values()));
        } catch (RuntimeException e) {
            layers.values().forEach(w -> w.parameters().forEach(Parameter::close));
            saved.values().forEach(weight -> weight.use(false));
            saved.values().forEach(SavedWeight::close);
            throw e;
        }
    }

    private LoraWeights layer(Linear linear) {
        String name = PREFIX + linear.name();
        List<Long> weight = linear.dense().weight().shape();
        long rank = config.rankOf(linear.name());
        require(name + A, List.of(rank, weight.get(1)));
        require(name + B, List.of(weight.get(0), rank));
        if (config.variant().dora()) {
            if (!checkpoint.contains(name + MAGNITUDE)) {
                throw invalid("use_dora is set, but this module has no magnitudes", name)
                        .remedy("save the adapter again in PEFT, or set use_dora to false");
            }
            require(name + MAGNITUDE, List.of(weight.get(0)));
        } else if (checkpoint.contains(name + MAGNITUDE)) {
            throw invalid("this module has magnitudes, but use_dora is not set", name)
                    .remedy("set use_dora in " + PeftFiles.CONFIG);
        }
        return new LoraWeights(
                parameter(name + A),
                parameter(name + B),
                config.variant().dora()
                        ? Optional.of(parameter(name + MAGNITUDE))
                        : Optional.empty());
    }

    /// PEFT may write the embedding itself beside its adapter; it must be this model's.
    private LoraWeights embedding() {
        Parameter embedding = host.embedding();
        if (host.decoder().tied() || config.variant().dora()) {
            throw invalid(
                            "adapters on the embedding cannot be used with "
                                    + (host.decoder().tied()
                                            ? "a head that is tied to it"
                                            : "DoRA"),
                            EMBEDDING_A)
                    .remedy("train the embedding in full instead (modules_to_save)");
        }
        long rank = config.rankOf(Host.EMBEDDING);
        require(EMBEDDING_A, List.of(rank, embedding.shape().get(0)));
        require(EMBEDDING_B, List.of(embedding.shape().get(1), rank));
        String copy = PREFIX + Host.EMBEDDING + ".base_layer.weight";
        if (checkpoint.contains(copy)) {
            require(copy, embedding.shape());
            used.add(copy);
            Scoped.run(() -> {
                Tensor data = embedding.data();
                if (!reader.read(copy, data.scalar_type()).equal(data)) {
                    throw invalid("the adapter was trained on another embedding", copy)
                            .remedy(REMEDY);
                }
            });
        }
        return new LoraWeights(parameter(EMBEDDING_A), parameter(EMBEDDING_B), Optional.empty());
    }

    private void require(String name, List<Long> shape) {
        List<Long> found = checkpoint.info(name).shape();
        if (!found.equals(shape)) {
            throw invalid("the tensor has shape " + found + ", this model needs " + shape, name)
                    .remedy(REMEDY);
        }
    }

    private Parameter parameter(String name) {
        used.add(name);
        return Scoped.call(() -> new Parameter(name, reader.read(name, ScalarType.Float)));
    }

    /// Whole weights, put into the model in place of its own.
    private void replaceWeights(Map<Parameter, SavedWeight> saved) {
        for (String name : checkpoint.names()) {
            Optional<Parameter> own =
                    name.startsWith(PREFIX)
                            ? host.find(name.substring(PREFIX.length()))
                            : Optional.empty();
            if (own.isEmpty()) {
                continue;
            }
            Parameter parameter = own.get();
            require(name, parameter.shape());
            used.add(name);
            Scoped.run(() -> {
                Tensor data = parameter.data();
                Tensor values = reader.read(name, data.scalar_type());
                if (saved.containsKey(parameter)) {
                    requireSame(values, data, name);
                } else {
                    saved.put(parameter, new SavedWeight(parameter));
                    data.copy_(values);
                }
            });
        }
    }

    private void requireSame(Tensor values, Tensor data, String name) {
        if (!values.equal(data)) {
            throw invalid("the adapter gives head and embedding different values", name)
                    .remedy(
                            "this model's head and embedding are one matrix: train only one of"
                                    + " them, or untie them in the base");
        }
    }

    private void requireNothingLeft(Map<String, LoraWeights> layers) {
        for (String name : checkpoint.names()) {
            if (!used.contains(name)) {
                throw invalid("the adapter does not fit this model: it has no such module", name)
                        .remedy(REMEDY);
            }
        }
        if (layers.isEmpty()) {
            throw TailorException.of(ErrorCode.MODEL_INVALID, "the adapter has no matrices")
                    .at(checkpoint.path());
        }
    }

    private TailorException invalid(String what, String tensor) {
        return TailorException.of(ErrorCode.MODEL_INVALID, what)
                .at(checkpoint.path() + ": " + tensor);
    }
}
