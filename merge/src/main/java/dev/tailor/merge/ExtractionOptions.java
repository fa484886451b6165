package dev.tailor.merge;

/// How an adapter is extracted.
///
/// @param ranks how large its factors are
/// @param saveModules whether what changed and cannot be expressed by low-rank factors (norms,
///   biases, embeddings) goes into the adapter whole
/// @param seed for the random start of each decomposition
/// @param threads how many cores to use; the result does not depend on it
public record ExtractionOptions(RankRule ranks, boolean saveModules, long seed, int threads) {
    public ExtractionOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be positive");
        }
    }

    /// All cores, linear layers only.
    public static ExtractionOptions of(RankRule ranks) {
        return new ExtractionOptions(ranks, false, 42, Runtime.getRuntime().availableProcessors());
    }

    /// The same with or without whole modules.
    public ExtractionOptions withSaveModules(boolean other) {
        return new ExtractionOptions(ranks, other, seed, threads);
    }

    /// The same on another number of threads.
    public ExtractionOptions withThreads(int other) {
        return new ExtractionOptions(ranks, saveModules, seed, other);
    }
}
