package dev.tailor.torch.internal.adapter;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.LoraVariant;
import dev.tailor.torch.internal.nn.Decoder;
import dev.tailor.torch.internal.nn.Parameter;
import dev.tailor.torch.internal.nn.Weight;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The model that an adapter goes to: its layers and its own weights by name.
public record Host(Decoder decoder, Map<String, ? extends Weight> weights) {
    private static final String HEAD = "lm_head";
    static final String EMBEDDING = "model.embed_tokens";

    /// The modules that learn in full. Where head and embedding are one matrix, either name means
    /// it.
    Set<String> modules(LoraVariant variant) {
        Set<String> modules = new LinkedHashSet<>();
        weights.keySet().stream().map(Host::module).filter(variant::saves).forEach(modules::add);
        if (decoder.tied() && variant.saves(HEAD)) {
            modules.add(EMBEDDING);
        }
        for (String name : variant.modulesToSave()) {
            if (modules.stream().noneMatch(m -> m.endsWith(name))
                    && !(decoder.tied() && HEAD.endsWith(name))) {
                throw TailorException.of(
                                ErrorCode.CONFIG_INVALID,
                                "the model has no module to save called '" + name + "'")
                        .remedy("common ones: embed_tokens, lm_head, norm");
            }
        }
        return modules;
    }

    /// The weights of a module that may learn.
    List<Parameter> parameters(String module) {
        return weights.values().stream()
                .filter(weight -> module(weight.name()).equals(module))
                .map(this::learnable)
                .toList();
    }

    private Parameter learnable(Weight weight) {
        if (weight instanceof Parameter parameter) {
            return parameter;
        }
        throw TailorException.of(
                        ErrorCode.CONFIG_INVALID,
                        "'" + module(weight.name()) + "' is quantised and cannot learn in full")
                .remedy("leave it out of modules-to-save, or use lora instead of qlora");
    }

    /// The weight of that name, if it may learn; the embedding under the name of a tied head.
    Optional<Parameter> find(String name) {
        String own = decoder.tied() && name.equals(HEAD + ".weight") ? EMBEDDING + ".weight" : name;
        return Optional.ofNullable(weights.get(own)).map(this::learnable);
    }

    /// The matrix of the embedding.
    Parameter embedding() {
        return find(EMBEDDING + ".weight").orElseThrow();
    }

    /// The names under which a weight goes to a file: PEFT trains copies of both ends of a tied
    /// matrix.
    List<String> names(Parameter parameter) {
        boolean both = decoder.tied() && parameter.name().equals(EMBEDDING + ".weight");
        return both ? List.of(parameter.name(), HEAD + ".weight") : List.of(parameter.name());
    }

    /// The module of a weight's name.
    static String module(String weight) {
        return weight.substring(0, weight.lastIndexOf('.'));
    }
}
