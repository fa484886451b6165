package dev.tailor.merge;

import dev.tailor.tensors.SafetensorsWriter;

/// How a merge is carried out.
///
/// @param seed for methods that draw random numbers
/// @param compat whether every step is rounded to the type computed in, as mergekit does; otherwise
///   numbers stay in single precision and are rounded once
/// @param threads how many cores to use; the result does not depend on it
/// @param maxShardBytes the most bytes of one file of the output
/// @param digests whether the files that were read and written are recorded by their SHA-256, which
///   reads them once more, besides their CRC-32, which does not
/// @param notFinite what happens when a model holds a NaN or an infinity
public record MergeOptions(
        long seed,
        boolean compat,
        int threads,
        long maxShardBytes,
        boolean digests,
        NotFinite notFinite) {
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
                false,
                NotFinite.FAIL);
    }

    /// The same with another seed.
    public MergeOptions withSeed(long other) {
        return new MergeOptions(other, compat, threads, maxShardBytes, digests, notFinite);
    }

    /// The same with or without rounding at each step.
    public MergeOptions withCompat(boolean other) {
        return new MergeOptions(seed, other, threads, maxShardBytes, digests, notFinite);
    }

    /// The same on another number of threads.
    public MergeOptions withThreads(int other) {
        return new MergeOptions(seed, compat, other, maxShardBytes, digests, notFinite);
    }

    /// The same with another shard size.
    public MergeOptions withMaxShardBytes(long other) {
        return new MergeOptions(seed, compat, threads, other, digests, notFinite);
    }

    /// The same with or without digests of the models.
    public MergeOptions withDigests(boolean other) {
        return new MergeOptions(seed, compat, threads, maxShardBytes, other, notFinite);
    }

    /// The same with another way to take numbers that are not finite.
    public MergeOptions withNotFinite(NotFinite other) {
        return new MergeOptions(seed, compat, threads, maxShardBytes, digests, other);
    }
}
