package dev.tailor.torch;

/// Why a generation ended.
public enum FinishReason {
    /// A stop token, or the caller's own [StopCheck].
    STOP,
    /// The limit of tokens.
    LENGTH
}
