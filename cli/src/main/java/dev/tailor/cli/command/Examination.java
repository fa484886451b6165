package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Figures;
import dev.tailor.core.AtomicWrite;
import dev.tailor.core.TailorException;
import dev.tailor.core.VectorApi;
import dev.tailor.text.Tokenizer;
import dev.tailor.torch.Cuda;
import dev.tailor.torch.Torch;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What `tailor doctor` looks at.
final class Examination {
    /// The features that decide how fast libtorch's kernels are, fastest first.
    private static final List<String> PROCESSOR_FEATURES =
            List.of("amx_bf16", "avx512_bf16", "avx512f", "avx2", "fma", "f16c");

    private static final long LITTLE_MEMORY = 4L << 30;
    private static final long LITTLE_DISK = 5L << 30;

    private static final String SMALLEST_TOKENIZER =
            """
            {"version":"1.0","added_tokens":[],"model":{"type":"WordLevel","vocab":{"a":0,"?":1},"unk_token":"?"}}
            """;

    private Examination() {}

    static List<Finding> of(int threads) {
        return List.of(
                java(),
                vectors(),
                processor(threads),
                memory(),
                disk(),
                libtorch(),
                cards(),
                tokenizers());
    }

    private static Finding java() {
        return Finding.good(
                "Java", Runtime.version() + " (" + System.getProperty("java.home") + ")");
    }

    private static Finding vectors() {
        return VectorApi.isAvailable()
                ? Finding.good(
                        "vectors", "the Vector API is loaded: merging and quantising are fast")
                : Finding.poor("vectors", "no Vector API: merging and quantising take longer");
    }

    private static Finding processor(int threads) {
        int cores = Runtime.getRuntime().availableProcessors();
        String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        String text = cores + " cores, " + threads + " threads, " + platform;
        List<String> flags = processorFlags();
        if (flags.isEmpty()) {
            return Finding.good("processor", text);
        }
        String features =
                PROCESSOR_FEATURES.stream()
                        .filter(flags::contains)
                        .collect(Collectors.joining(" "));
        if (!flags.contains("avx2")) {
            return Finding.poor("processor", text + ", no AVX2: computing will be slow");
        }
        String bfloat16 =
                flags.contains("avx512_bf16") || flags.contains("amx_bf16")
                        ? "bfloat16 is fast here"
                        : "bfloat16 is slower than float32 here";
        return Finding.good("processor", text + ", " + features + "; " + bfloat16);
    }

    private static List<String> processorFlags() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> List.of(line.substring(line.indexOf(':') + 1).trim().split(" ")))
                    .orElse(List.of());
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Finding memory() {
        long total = memInfo("MemTotal:");
        long available = memInfo("MemAvailable:");
        if (total == 0) {
            return Finding.good(
                    "memory", Figures.bytes(Runtime.getRuntime().maxMemory()) + " Java heap");
        }
        String text = Figures.bytes(available) + " available of " + Figures.bytes(total);
        return available < LITTLE_MEMORY
                ? Finding.poor("memory", text + ": enough for small models only")
                : Finding.good("memory", text);
    }

    private static long memInfo(String key) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith(key))
                    .findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .orElse(0L);
        } catch (IOException e) {
            return 0;
        }
    }

    private static Finding disk() {
        Path here = Path.of("").toAbsolutePath();
        try {
            FileStore store = Files.getFileStore(here);
            String text = Figures.bytes(store.getUsableSpace()) + " free at " + here;
            return store.getUsableSpace() < LITTLE_DISK
                    ? Finding.poor("disk", text)
                    : Finding.good("disk", text);
        } catch (IOException e) {
            return Finding.poor("disk", "cannot be read at " + here + ": " + e.getMessage());
        }
    }

    private static Finding libtorch() {
        try {
            Torch.load();
            return Finding.good("libtorch", Torch.description());
        } catch (TailorException e) {
            return Finding.missing("libtorch", e.render());
        }
    }

    /// A card is no want: everything runs without.
    private static Finding cards() {
        try {
            Cuda cuda = Cuda.here();
            String found =
                    cuda.cards().isEmpty() ? "no NVIDIA card" : String.join(", ", cuda.cards());
            List<String> missing = cuda.missing();
            return Finding.good(
                    "devices",
                    "the processor; "
                            + found
                            + (missing.isEmpty()
                                    ? ", for --device cuda"
                                    : ". Not on cuda: " + String.join("; ", missing)));
        } catch (TailorException e) {
            return Finding.poor("devices", "not known without libtorch");
        }
    }

    private static Finding tokenizers() {
        try {
            Path directory = Files.createTempDirectory("tailor-doctor-");
            try {
                Files.writeString(directory.resolve("tokenizer.json"), SMALLEST_TOKENIZER);
                try (Tokenizer tokenizer = Tokenizer.load(directory)) {
                    int tokens = tokenizer.encode("a", false).length;
                    return tokens == 1
                            ? Finding.good("tokenizers", "native library works")
                            : Finding.missing("tokenizers", "the native library answers wrongly");
                }
            } finally {
                AtomicWrite.deleteTree(directory);
            }
        } catch (IOException | TailorException | LinkageError e) {
            return Finding.missing(
                    "tokenizers", "the native library does not load: " + e.getMessage());
        }
    }
}
