package dev.tailor.torch.internal.nn;

import java.util.Map;
import java.util.Optional;

/// A model's parameters by name.
public record ParameterSource(Map<String, Parameter> byName) {
    Parameter get(String name) {
        Parameter parameter = byName.get(name);
        if (parameter == null) {
            throw new IllegalStateException("no parameter " + name);
        }
        return parameter;
    }

    Dense linear(String module) {
        return new Dense(
                module, get(module + ".weight"), Optional.ofNullable(byName.get(module + ".bias")));
    }
}
