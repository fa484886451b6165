package dev.tailor.torch.internal.nn;

import java.util.Map;
import java.util.Optional;

/// A model's weights by name.
public record ParameterSource(Map<String, ? extends Weight> byName) {
    Parameter get(String name) {
        if (weight(name) instanceof Parameter parameter) {
            return parameter;
        }
        throw new IllegalStateException(name + " must not be quantised");
    }

    Dense linear(String module) {
        String bias = module + ".bias";
        return new Dense(
                module,
                weight(module + ".weight"),
                byName.containsKey(bias) ? Optional.of(get(bias)) : Optional.empty());
    }

    private Weight weight(String name) {
        Weight weight = byName.get(name);
        if (weight == null) {
            throw new IllegalStateException("no parameter " + name);
        }
        return weight;
    }
}
