package dev.tailor.workflow.internal.stages;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.train.Proposal;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What the machine has.
public final class Resources {
    private Resources() {}

    /// The machine's memory, or the container's where that is less, in bytes.
    public static long memory() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Long.MAX_VALUE;
    }

    /// Free bytes of the disk that a path lies on, or will lie on.
    public static long freeDisk(Path path) {
        Path existing = path.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        try {
            return Files.getFileStore(existing).getUsableSpace();
        } catch (IOException e) {
            // A disk that does not say is taken to have room; writing will tell.
            return Long.MAX_VALUE;
        }
    }

    /// Fails if so much memory is not there.
    ///
    /// @param bytes what is needed
    /// @param memory what there is
    /// @param proposals settings that fit, for the message
    public static void requireMemory(
            long bytes, long memory, String what, List<Proposal> proposals) {
        if (bytes > memory) {
            throw TailorException.of(
                            ErrorCode.OUT_OF_MEMORY,
                            "%s needs about %s of memory, there are %s"
                                    .formatted(what, gigabytes(bytes), gigabytes(memory)))
                    .remedy(remedy(proposals));
        }
    }

    private static String remedy(List<Proposal> proposals) {
        if (proposals.isEmpty()) {
            return "lower 'sequence-length' or take a smaller model: no way of tuning it fits, even"
                    + " with batch-size 1 and activations computed again";
        }
        return proposals.stream()
                .map(fit -> "%s (%s)".formatted(fit.text(), gigabytes(fit.memory().step())))
                .collect(Collectors.joining("; or ", "it fits with ", ""));
    }

    /// Fails if so much disk is not free where `path` lies.
    public static void requireDisk(long bytes, Path path, String what) {
        long free = freeDisk(path);
        if (bytes > free) {
            throw TailorException.of(
                            ErrorCode.DISK_FULL,
                            "%s needs about %s on the disk, %s are free"
                                    .formatted(what, gigabytes(bytes), gigabytes(free)))
                    .at(path)
                    .remedy("free some space or choose another directory with --out");
        }
    }

    private static String gigabytes(long bytes) {
        return bytes < 1_000_000_000
                ? String.format(Locale.ROOT, "%.0f MB", bytes / 1e6)
                : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
