package dev.tailor.serve.internal.engine;

/// What an engine is asked to do.
sealed interface Work permits Task, Embedding {
    /// It cannot be done, or not be done to its end.
    void fail(RuntimeException cause);
}
