package dev.tailor.merge;

/// What happens when a model holds a NaN or an infinity.
public enum NotFinite {
    /// The merge fails, naming model, tensor and element.
    FAIL,
    /// The number takes part as it is, and a note says so.
    KEEP
}
