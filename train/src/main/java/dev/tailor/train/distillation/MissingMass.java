package dev.tailor.train.distillation;

/// What becomes of the probability that a teacher's `k` likeliest tokens leave over.
public enum MissingMass {
    /// It is taken to be 0: what is listed is scaled to a sum of 1, and the student pays for every
    /// other token.
    ZERO,
    /// All tokens not listed are one outcome, for the teacher and for the student. A temperature
    /// acts on that outcome as on a token.
    ONE_OUTCOME
}
