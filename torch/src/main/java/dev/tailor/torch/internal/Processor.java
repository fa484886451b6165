package dev.tailor.torch.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What the processor can do that libtorch does not tell.
final class Processor {
    private static final Path FLAGS = Path.of("/proc/cpuinfo");

    private Processor() {}

    /// Whether bfloat16 matrices are multiplied by instructions of their own. Where they are not,
    /// oneDNN emulates them at a fifth of float32's speed. Where the system does not say, they are
    /// taken to be.
    static boolean multipliesBfloat16() {
        if (!System.getProperty("os.arch").equals("amd64")) {
            return true;
        }
        try (Stream<String> lines = Files.lines(FLAGS)) {
            return lines.filter(line -> line.startsWith("flags"))
                    .allMatch(line -> line.contains("avx512_bf16") || line.contains("amx_bf16"));
        } catch (IOException | UncheckedIOException e) {
            return true;
        }
    }
}
