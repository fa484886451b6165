package dev.tailor.train.distillation;

/// What becomes of the probability that a teacher's `k` likeliest tokens leave over.
public enum MissingMass {
    /// It is taken to be 0: what is listed is scaled to a sum of 1, and the student pays for every
    /// other token.
    ZERO,
    /// All tokens not listed are one outcome, for the teacher and for the student, with the
    /// probability that they have together at the temperature. What is left out then makes a
    /// divergence smaller, never larger.
    REST,
    /// The same, but a temperature acts on that outcome as on a single token, which makes its
    /// probability too small above 1 and too large below: DistillKit's `symmetric_uniform`.
    ONE_TOKEN
}
