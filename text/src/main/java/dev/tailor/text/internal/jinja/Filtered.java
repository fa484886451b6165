package dev.tailor.text.internal.jinja;

import dev.tailor.text.internal.jinja.value.Value;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;

/// The elements that pass a test, which is asked as late as possible.
final class Filtered implements Iterator<Value> {
    private final Iterator<Value> elements;
    private final Predicate<Value> test;
    private @Nullable Value next;

    Filtered(Iterator<Value> elements, Predicate<Value> test) {
        this.elements = elements;
        this.test = test;
    }

    @Override
    public boolean hasNext() {
        while (next == null && elements.hasNext()) {
            Value candidate = elements.next();
            if (test.test(candidate)) {
                next = candidate;
            }
        }
        return next != null;
    }

    @Override
    public Value next() {
        var _ = hasNext();
        Value found = next;
        if (found == null) {
            throw new NoSuchElementException();
        }
        next = null;
        return found;
    }
}
