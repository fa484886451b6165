package dev.tailor.merge;

import dev.tailor.core.Location;

import java.util.Optional;

/// A model as a configuration names it: `path`, or `path+adapter`. Two references with the same
/// text are the same model.
///
/// @param text as written
/// @param location where it is written
public record ModelReference(String text, Location location) {
    /// The part before the `+`.
    public String model() {
        int plus = text.indexOf('+');
        return plus < 0 ? text : text.substring(0, plus);
    }

    /// The part after the `+`: an adapter to be merged into the model first.
    public Optional<String> adapter() {
        int plus = text.indexOf('+');
        return plus < 0 ? Optional.empty() : Optional.of(text.substring(plus + 1));
    }

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
