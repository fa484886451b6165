package dev.tailor.workflow.internal.keys;

/// What a key means when it is left out.
public sealed interface Standard {
    /// It must not be left out.
    record Required() implements Standard {}

    /// Then there is no value.
    record Absent() implements Standard {}

    /// Then it has this value.
    record Fixed(Object value) implements Standard {}

    /// Then its value follows from other keys; `description` says how.
    record Derived(String description, Rule rule) implements Standard {}

    /// Computes a value from the keys read so far.
    @FunctionalInterface
    interface Rule {
        /// The value, of the Java type that the key's `KeyType` reads.
        Object value(Values soFar);
    }
}
