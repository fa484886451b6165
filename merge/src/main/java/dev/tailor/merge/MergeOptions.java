package dev.tailor.merge;

import dev.tailor.tensors.SafetensorsWriter;

/// How a merge is carried out.
///
/// @param seed for methods that draw random numbers
/// @param compat whether every step is rounded to the type computed in, as mergekit does; otherwise
///   numbers stay in single precision and are rounded once
/// @param threads how many cores to use; the result does not depend on it
/// @param maxShardBytes the most bytes of one file of the output
/// @param digests whether the models that were merged are recorded by their SHA-256, which reads
///   them once more
public record MergeOptions(
        long seed, boolean compat, int threads, long maxShardBytes, boolean digests) {
    public MergeOptions {
        if (threads < 1 || maxShardBytes < 1) {
            throw new IllegalArgumentException("threads and shard size must be positive");
        }
    }

    /// All cores, exact arithmetic, the shard size of the Hugging Face libraries.
    public static MergeOptions standard() {
        return new MergeOptions(
                42,
                false,
                Runtime.getRuntime().availableProcessors(),
                SafetensorsWriter.DEFAULT_SHARD_BYTES,
                true);
    }

    /// The same with another seed.
    public MergeOptions withSeed(long other) {
        return new MergeOptions(other, compat, threads, maxShardBytes, digests);
    }

    /// The same with or without rounding at each step.
    public MergeOptions withCompat(boolean other) {
        return new MergeOptions(seed, other, threads, maxShardBytes, digests);
    }

    /// The same on another number of threads.
    public MergeOptions withThreads(int other) {
        return new MergeOptions(seed, compat, other, maxShardBytes, digests);
    }

    /// The same with another shard size.
    public MergeOptions withMaxShardBytes(long other) {
        return new MergeOptions(seed, compat, threads, other, digests);
    }

    /// The same with or without digests of the models.
    public MergeOptions withDigests(boolean other) {
        return new MergeOptions(seed, compat, threads, maxShardBytes, other);
    }
}
