package dev.tailor.merge;

import dev.tailor.core.Location;

/// A model as a configuration names it: `path`, or `path+adapter`. Two references with the same
/// text are the same model.
///
/// @param text as written
/// @param location where it is written
public record ModelReference(String text, Location location) {
    @Override
    public boolean equals(Object other) {
        return other instanceof ModelReference reference && text.equals(reference.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
