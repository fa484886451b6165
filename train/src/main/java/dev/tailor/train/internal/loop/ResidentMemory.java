package dev.tailor.train.internal.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How much memory this process occupies, native memory included.
final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ResidentMemory() {}

    /// Bytes resident now; the Java heap alone where the system does not say.
    static long now() {
        return read("VmRSS:");
    }

    /// The most bytes that ever were resident.
    static long peak() {
        return read("VmHWM:");
    }

    private static long read(String key) {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(key)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return heap();
        }
        return heap();
    }

    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
