package dev.tailor.workflow.internal.keys;

/// One key of a mapping: what it may hold, what it means when it is absent, and what it is for.
///
/// @param name the key as it is written, in kebab-case
/// @param doc one or two sentences for the manual and the schema
public record Key(String name, KeyType type, Standard standard, String doc) {
    /// A key that must be given.
    public static Key required(String name, KeyType type, String doc) {
        return new Key(name, type, new Standard.Required(), doc);
    }

    /// A key that may be left out, with no value in its place.
    public static Key optional(String name, KeyType type, String doc) {
        return new Key(name, type, new Standard.Absent(), doc);
    }

    /// A key with a fixed value when it is left out.
    public static Key preset(String name, KeyType type, Object standard, String doc) {
        return new Key(name, type, new Standard.Fixed(standard), doc);
    }

    /// A key whose value, when it is left out, follows from keys that stand before it in the table.
    public static Key derived(
            String name, KeyType type, String rule, Standard.Rule value, String doc) {
        return new Key(name, type, new Standard.Derived(rule, value), doc);
    }
}
