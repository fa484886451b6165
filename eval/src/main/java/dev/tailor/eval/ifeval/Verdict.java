package dev.tailor.eval.ifeval;

/// Whether a response follows an instruction.
///
/// @param strict the response as it stands does
/// @param loose the response, or what is left of it without its first line, its last line or its
///   asterisks, does
public record Verdict(boolean strict, boolean loose) {}
