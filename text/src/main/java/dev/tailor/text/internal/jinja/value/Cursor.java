package dev.tailor.text.internal.jinja.value;

import java.util.Iterator;

/// A Python iterator or generator: read once, of unknown length, true even when empty.
public record Cursor(String typeName, Iterator<Value> elements) implements Value {
    /// A generator.
    public static Cursor generator(Iterator<Value> elements) {
        return new Cursor("generator", elements);
    }

    @Override
    public boolean truth() {
        return true;
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
