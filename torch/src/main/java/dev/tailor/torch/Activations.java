package dev.tailor.torch;

/// What a forward pass keeps for the way back.
public enum Activations {
    /// What the backward pass of every layer needs: fastest, memory grows with layers × tokens.
    KEEP,
    /// Only the input of every layer, the rest is computed again: about a third more arithmetic.
    RECOMPUTE
}
