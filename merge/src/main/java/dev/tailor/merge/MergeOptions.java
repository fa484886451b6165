package dev.tailor.merge;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.SafetensorsWriter;

import java.nio.file.Path;
import java.util.List;

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
/// @param forced whether the output appears only once it is on the disk; otherwise the system
///   writes it in its own time
/// @param explanations files that say what the merge did to each tensor, each `.json` or `.html`;
///   writing any reads the models once more
public record MergeOptions(
        long seed,
        boolean compat,
        int threads,
        long maxShardBytes,
        boolean digests,
        NotFinite notFinite,
        boolean forced,
        List<Path> explanations) {
    public MergeOptions {
        explanations = List.copyOf(explanations);
        explanations.forEach(MergeOptions::requireKnownType);
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
                NotFinite.FAIL,
                true,
                List.of());
    }

    /// The same with another seed.
    public MergeOptions withSeed(long other) {
        return new MergeOptions(
                other, compat, threads, maxShardBytes, digests, notFinite, forced, explanations);
    }

    /// The same with or without rounding at each step.
    public MergeOptions withCompat(boolean other) {
        return new MergeOptions(
                seed, other, threads, maxShardBytes, digests, notFinite, forced, explanations);
    }

    /// The same on another number of threads.
    public MergeOptions withThreads(int other) {
        return new MergeOptions(
                seed, compat, other, maxShardBytes, digests, notFinite, forced, explanations);
    }

    /// The same with another shard size.
    public MergeOptions withMaxShardBytes(long other) {
        return new MergeOptions(
                seed, compat, threads, other, digests, notFinite, forced, explanations);
    }

    /// The same with or without digests of the models.
    public MergeOptions withDigests(boolean other) {
        return new MergeOptions(
                seed, compat, threads, maxShardBytes, other, notFinite, forced, explanations);
    }

    /// The same with another way to take numbers that are not finite.
    public MergeOptions withNotFinite(NotFinite other) {
        return new MergeOptions(
                seed, compat, threads, maxShardBytes, digests, other, forced, explanations);
    }

    /// The same, waiting for the disk or not.
    public MergeOptions withForced(boolean other) {
        return new MergeOptions(
                seed, compat, threads, maxShardBytes, digests, notFinite, other, explanations);
    }

    /// The same, explained in `files`.
    ///
    /// Throws [TailorException] with [ErrorCode#USAGE] if one is neither JSON nor HTML.
    public MergeOptions withExplanations(List<Path> files) {
        return new MergeOptions(
                seed, compat, threads, maxShardBytes, digests, notFinite, forced, files);
    }

    private static void requireKnownType(Path file) {
        if (!file.toString().endsWith(".json") && !file.toString().endsWith(".html")) {
            throw TailorException.of(ErrorCode.USAGE, "an explanation is a .json or a .html file")
                    .at(file)
                    .remedy("name it for example " + file + ".html");
        }
    }
}
