package dev.tailor.eval;

/// A generated answer.
///
/// @param text the answer without stop strings and special tokens
/// @param tokens number of tokens that were generated
/// @param finished whether the model ended by itself or at a stop string, rather than at the limit
public record Completion(String text, int tokens, boolean finished) {}
