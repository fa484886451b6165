package dev.tailor.torch;

/// How likely a model finds the targets of a [PackedBatch], one entry per position.
///
/// @param logProbs log-probability of the target, 0 where there is none
/// @param likeliest the token with the highest logit where there is a target, [PackedBatch#IGNORED]
///   elsewhere
public record TokenScores(float[] logProbs, int[] likeliest) {}
