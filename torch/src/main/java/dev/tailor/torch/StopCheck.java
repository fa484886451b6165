package dev.tailor.torch;

/// Lets the caller end one sequence early (stop strings, a budget).
@FunctionalInterface
public interface StopCheck {
    /// Called after each new token with all tokens generated so far for that prompt; true ends it.
    boolean shouldStop(int sequence, int[] tokens);

    /// Never stops.
    static StopCheck never() {
        return (sequence, tokens) -> false;
    }
}
