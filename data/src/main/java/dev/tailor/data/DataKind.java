package dev.tailor.data;

/// What data teaches.
public enum DataKind {
    /// Running text, for continued pre-training.
    TEXT,
    /// Conversations, or prompts with completions, for supervised fine-tuning.
    CHAT,
    /// Pairs of a chosen and a rejected answer, for preference optimisation.
    PREFERENCE,
    /// Single answers marked as wanted or unwanted.
    UNPAIRED
}
