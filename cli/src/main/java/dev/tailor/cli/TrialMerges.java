package dev.tailor.cli;

import dev.tailor.core.AtomicWrite;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Merges of small models of random weights, long enough for the virtual machine to learn which of
/// their code is worth compiling at once.
final class TrialMerges {
    /// Elements of a model: a few hundred tiles.
    private static final List<Long> SHAPE = List.of(8192L, 1024L);

    /// Methods that need nothing but models.
    private static final List<String> PLAIN = List.of("karcher", "model_stock", "sce");

    /// Methods of weighted models or differences, some of which are thinned.
    private static final List<String> WEIGHTED =
            List.of("linear", "task_arithmetic", "ties", "dare_ties", "breadcrumbs", "della");

    private TrialMerges() {}

    /// Merges in a temporary directory, with the command lines that `tailor` is given.
    static void run(Consumer<String[]> tailor) throws IOException {
        Path directory = Files.createTempDirectory("tailor-trial");
        try {
            for (int model = 0; model < 3; model++) {
                write(directory.resolve("m" + model), model);
            }
            merge(directory, "slerp", "{}", "parameters: {t: 0.5}", tailor);
            for (String method : PLAIN) {
                merge(directory, method, "{}", "", tailor);
            }
            for (String method : WEIGHTED) {
                merge(directory, method, "{weight: 0.6, density: 0.5}", "", tailor);
            }
        } finally {
            AtomicWrite.deleteTree(directory);
        }
    }

    private static void merge(
            Path directory, String method, String ofModel, String ofAll, Consumer<String[]> tailor)
            throws IOException {
        Path config = directory.resolve(method + ".yaml");
        Path merged = directory.resolve("merged");
        String third = method.equals("slerp") ? "" : "- {model: m2, parameters: " + ofModel + "}";
        Files.writeString(
                config,
                """
                merge_method: %s
                base_model: m0
                dtype: bfloat16
                %s
                models:
                - {model: m1, parameters: %s}
                %s
                """
                        .formatted(method, ofAll, ofModel, third));
        tailor.accept(new String[] {"merge", config.toString(), merged.toString()});
        AtomicWrite.deleteTree(merged);
    }

    private static void write(Path directory, int seed) throws IOException {
        TensorInfo tensor = new TensorInfo("model.layers.0.mlp.up_proj.weight", DType.BF16, SHAPE);
        Files.createDirectories(directory);
        Files.writeString(
                directory.resolve("config.json"),
                """
                {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_hidden_layers": 1}
                """);
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofConfined();
                SafetensorsWriter writer =
                        SafetensorsWriter.create(
                                directory, List.of(tensor), Long.MAX_VALUE, Map.of())) {
            MemorySegment bytes = arena.allocate(tensor.bytes());
            for (long i = 0; i < tensor.elements(); i++) {
                float weight = (float) random.nextGaussian(0, 0.02);
                short bits = (short) (Float.floatToRawIntBits(weight) >>> 16);
                bytes.setAtIndex(ValueLayout.JAVA_SHORT, i, bits);
            }
            writer.write(tensor.name(), 0, bytes);
            writer.finish();
        }
    }
}
