package dev.tailor.merge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What carrying out a plan takes, at most.
///
/// @param readBytes the bytes of the models that are read, those that are read twice counted twice
/// @param writtenBytes the bytes of the output's tensors
/// @param memoryBytes the process's own memory at its peak; the operating system's cache of files
///   is not counted
/// @param seconds for the bytes read and written, at [#BYTES_PER_SECOND]
public record MergeCost(long readBytes, long writtenBytes, long memoryBytes, double seconds) {
    /// A rate that plain disks reach and warm caches exceed several times over.
    public static final long BYTES_PER_SECOND = 800_000_000;

    /// The virtual machine, the program and the headers of the models.
    private static final long PROGRAM_BYTES = 160_000_000;

    /// Elements of a tile, if the rows of a tensor are not longer.
    private static final long TILE = 1 << 15;

    /// Of an element on its way: single-precision numbers of the output and of two steps, and bytes
    /// as they stand in a file and as they are rounded.
    private static final long BYTES_PER_ELEMENT = 3 * Float.BYTES + 2 * Double.BYTES;

    /// The cost of a plan.
    public static MergeCost of(MergePlan plan, MergeOptions options) {
        long read = 0;
        long tile = TILE;
        int inputs = 1;
        for (MergePlan.Tensor tensor : plan.tensors()) {
            int passes =
                    switch (tensor.operation()) {
                        case Operation.Copy copy -> 1;
                        case Operation.Linear linear -> 1;
                        default -> plan.config().method().passes();
                    };
            for (MergePlan.Input input : tensor.inputs()) {
                read += tensor.output().elements() * input.stored().dtype().bytes() * passes;
            }
            List<Long> shape = tensor.output().shape();
            tile = Math.max(tile, shape.isEmpty() ? 1 : shape.getLast());
            inputs = Math.max(inputs, tensor.inputs().size());
        }
        long perThread = tile * (BYTES_PER_ELEMENT + (long) inputs * Float.BYTES);
        long adapters =
                plan.models().stream()
                        .flatMap(model -> model.adapter().stream())
                        .mapToLong(MergeCost::adapterBytes)
                        .sum();
        return new MergeCost(
                read,
                plan.outputBytes(),
                PROGRAM_BYTES + options.threads() * perThread + adapters,
                (double) (read + plan.outputBytes()) / BYTES_PER_SECOND);
    }

    /// Adapters are held in single precision, mostly from half.
    private static long adapterBytes(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            long bytes = 0;
            for (Path file : files.toList()) {
                bytes += file.toString().endsWith(".safetensors") ? Files.size(file) : 0;
            }
            return 2 * bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
