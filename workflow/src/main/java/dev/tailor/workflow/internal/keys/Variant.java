package dev.tailor.workflow.internal.keys;

/// The chosen one of several named shapes, with its values.
public record Variant(String name, Values values) {}
