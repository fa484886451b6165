package dev.tailor.serve.internal.engine;

/// Hears of an engine's work, for metrics; called on the engine's thread.
public interface EngineWatch {
    /// A step has run.
    ///
    /// @param sequences sequences it continued
    /// @param promptTokens tokens of prompts it read
    /// @param generatedTokens tokens it chose
    /// @param seconds what it took
    void stepped(int sequences, int promptTokens, int generatedTokens, double seconds);

    /// A task has its first token so many seconds after it was handed in.
    void firstToken(double seconds);

    /// A task had to give its room to another, and will be computed again.
    void preempted();
}
