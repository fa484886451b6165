package dev.tailor.text.internal.jinja.value;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The arguments of a call: positional ones and named ones, in order.
public record Arguments(List<Value> positional, Map<String, Value> named) {
    /// No arguments.
    public static final Arguments NONE = new Arguments(List.of(), Map.of());

    /// Positional arguments only.
    public static Arguments of(Value... positional) {
        return new Arguments(List.of(positional), Map.of());
    }

    /// Gives each parameter its argument; the first `required` ones must have one.
    public Bound bind(String function, int required, String... parameters) {
        if (positional.size() > parameters.length) {
            throw Refusal.of(function + "() takes at most " + parameters.length + " arguments");
        }
        Map<String, Value> bound = new LinkedHashMap<>();
        for (int i = 0; i < positional.size(); i++) {
            bound.put(parameters[i], positional.get(i));
        }
        named.forEach((name, value) -> {
            if (!List.of(parameters).contains(name)) {
                throw Refusal.of(function + "() has no argument '" + name + "'");
            }
            if (bound.put(name, value) != null) {
                throw Refusal.of(function + "() got argument '" + name + "' twice");
            }
        });
        for (int i = 0; i < required; i++) {
            if (!bound.containsKey(parameters[i])) {
                throw Refusal.of(function + "() needs argument '" + parameters[i] + "'");
            }
        }
        return new Bound(function, bound);
    }

    /// Arguments by the names of their parameters.
    public record Bound(String function, Map<String, Value> values) {
        /// The argument, or null where none was given.
        public @Nullable Value get(String parameter) {
            return values.get(parameter);
        }

        /// The argument, or what stands for it.
        public Value get(String parameter, Value otherwise) {
            return values.getOrDefault(parameter, otherwise);
        }

        /// Whether the argument is true in Python's sense.
        public boolean truth(String parameter, boolean otherwise) {
            Value value = values.get(parameter);
            return value == null ? otherwise : value.truth();
        }

        /// The argument as an integer that fits 32 bits.
        public int integer(String parameter, int otherwise) {
            Value value = values.get(parameter);
            return value == null ? otherwise : Numbers.index(value);
        }

        /// The argument as a text, which it must be.
        public Text text(String parameter, Text otherwise) {
            return switch (values.getOrDefault(parameter, otherwise)) {
                case Text text -> text;
                case Value other ->
                        throw Refusal.of(
                                function
                                        + "() argument '"
                                        + parameter
                                        + "' must be str, not "
                                        + other.typeName());
            };
        }

        /// Whether an argument was given and is not none.
        public boolean has(String parameter) {
            Value value = values.get(parameter);
            return value != null && value != Value.None.NONE;
        }
    }
}
