package dev.tailor.train.preference;

/// What the terms of one step have in common.
///
/// @param beta the strength of the tie to the reference, or the scale of rewards; above 0
/// @param answerTokens tokens of a chosen answer, mean over the step's pairs
/// @param textTokens predicted tokens of a chosen conversation, context included, mean over the
///   step's pairs
public record Scale(double beta, double answerTokens, double textTokens) {}
