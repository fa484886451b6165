package dev.tailor.text.internal.jinja.value;

import org.jspecify.annotations.Nullable;

/// Something a template can call: a global function, a method, a macro.
public non-sealed interface Callable extends Value {
    /// Calls it.
    Value call(Arguments arguments);

    /// An attribute of the function itself, or null.
    default @Nullable Value attribute(String name) {
        return null;
    }

    /// How it prints.
    default String repr() {
        return "<" + typeName() + ">";
    }

    @Override
    default boolean truth() {
        return true;
    }

    @Override
    default String typeName() {
        return "function";
    }
}
