package dev.tailor.text.internal.jinja.value;

import org.jspecify.annotations.Nullable;

/// A value with attributes of its own kind: a namespace, the state of a loop, a cycler.
public non-sealed interface Structure extends Value {
    /// An attribute, or null.
    @Nullable Value attribute(String name);

    /// How it prints.
    Text repr(Budget budget);

    @Override
    default boolean truth() {
        return true;
    }
}
