package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Arguments;
import dev.tailor.text.internal.jinja.value.Callable;
import dev.tailor.text.internal.jinja.value.Value;

import java.util.function.Function;

/// A function of the engine: a global one, or a method bound to its value.
record Builtin(String name, Function<Arguments, Value> body) implements Callable {
    @Override
    public Value call(Arguments arguments) {
        return body.apply(arguments);
    }

    @Override
    public String repr() {
        return "<function " + name + ">";
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
