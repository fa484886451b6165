package dev.tailor.torch;

/// Receives tokens while they are generated.
@FunctionalInterface
public interface TokenSink {
    /// Called for each new token (stop tokens excepted) of the prompt with that index, in order.
    void accept(int sequence, int token);

    /// Hears nothing.
    static TokenSink none() {
        return (sequence, token) -> {};
    }
}
