package dev.tailor.text.internal.jinja.value;

import java.util.ArrayList;
import java.util.List;

/// What `dict.keys()`, `dict.values()` and `dict.items()` give.
public record DictView(Dict dict, Part part) implements Value {
    /// Which part of the dict is seen.
    public enum Part {
        /// The keys.
        KEYS,
        /// The values.
        VALUES,
        /// Tuples of a key and its value.
        ITEMS
    }

    /// What is seen, in order.
    public List<Value> elements() {
        List<Value> elements = new ArrayList<>(dict.size());
        for (Dict.Entry entry : dict.entries()) {
            elements.add(
                    switch (part) {
                        case KEYS -> entry.key();
                        case VALUES -> entry.value();
                        case ITEMS -> Sequence.Tuple.of(entry.key(), entry.value());
                    });
        }
        return elements;
    }

    @Override
    public boolean truth() {
        return dict.truth();
    }

    @Override
    public String typeName() {
        return switch (part) {
            case KEYS -> "dict_keys";
            case VALUES -> "dict_values";
            case ITEMS -> "dict_items";
        };
    }
}
