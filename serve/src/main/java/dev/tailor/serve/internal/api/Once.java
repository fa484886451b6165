package dev.tailor.serve.internal.api;

import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/// A value that is made when it is first asked for.
final class Once<T> {
    private final Supplier<T> maker;
    private @Nullable T value;

    Once(Supplier<T> maker) {
        this.maker = maker;
    }

    synchronized T get() {
        T known = value;
        if (known == null) {
            known = maker.get();
            value = known;
        }
        return known;
    }
}
