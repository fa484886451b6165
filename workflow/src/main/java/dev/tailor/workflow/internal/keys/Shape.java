package dev.tailor.workflow.internal.keys;

import java.util.List;

/// A mapping with known keys.
///
/// @param name what a message calls it: "a cpt stage", "the recipe"
/// @param id its name in the JSON Schema's `$defs` and in the manual's headings
public record Shape(String id, String name, String doc, List<Key> keys) {}
