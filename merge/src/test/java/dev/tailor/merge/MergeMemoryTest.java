package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What a merge occupies, in a process of its own: no more than its plan says, which depends on the
/// tile, the threads and the number of models, and neither on the size of a tensor nor on how many
/// there are. The models are files with holes instead of numbers.
class MergeMemoryTest {
    /// Elements of a tensor of 256 MiB in bfloat16, four times the heap.
    private static final long LARGE = 128L << 20;

    @TempDir Path directory;

    /// What is resident and what is allowed, in bytes.
    private record Memory(long peak, long allowed) {}

    @BeforeEach
    void requireProc() {
        assumeThat(Path.of("/proc/self/status")).as("the system says what is resident").exists();
    }

    @ParameterizedTest
    @CsvSource({"linear, 1, 128", "ties, 1, 128", "linear, 512, 32"})
    void memory_anyTensors_staysWithinThePlan(String method, int tensors, long millions)
            throws Exception {
        Memory memory = merge(method, tensors, (millions << 20) / tensors);
        assertThat(memory.allowed()).isLessThan(2 * LARGE);
        assertThat(memory.peak()).isLessThan(memory.allowed());
    }

    @Test
    void memory_largerTensor_isTheSame() throws Exception {
        Memory small = merge("linear", 1, LARGE / 64);
        Memory large = merge("linear", 1, LARGE);
        assertThat(large.allowed()).isEqualTo(small.allowed());
        assertThat(large.peak() - small.peak()).isLessThan(LARGE / 2);
    }

    private Memory merge(String method, int tensors, long elements) throws Exception {
        for (String model : List.of("base", "a")) {
            model(directory.resolve(model), tensors, elements);
        }
        String settings =
                switch (method) {
                    case "ties" -> "parameters: {weight: 0.5, density: 0.5}";
                    case "slerp" -> "parameters: {t: 0.5}";
                    default -> "parameters: {weight: 0.5}";
                };
        Path config =
                Files.writeString(
                        directory.resolve("merge.yml"),
                        "merge_method: %s\nbase_model: base\nmodels: [{model: base}, {model: a}]\n%s\n"
                                .formatted(method, settings));
        return run(config);
    }

    /// Tensors of zeros that take no room on the disk.
    private static void model(Path model, int tensors, long elements) throws IOException {
        Files.createDirectories(model);
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"llama\"}");
        List<TensorInfo> layout =
                IntStream.range(0, tensors)
                        .mapToObj(i ->
                                TensorInfo.of(
                                        "model.layers.%d.mlp.up_proj.weight".formatted(i),
                                        DType.BF16,
                                        elements >> 10,
                                        1 << 10))
                        .toList();
        SafetensorsWriter.create(model, layout, Long.MAX_VALUE, Map.of()).close();
    }

    private Memory run(Path config) throws Exception {
        Path errors = directory.resolve("errors");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-Xmx64m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.tailor.merge.MergeProcess",
                                config.toString(),
                                directory.resolve("out").toString())
                        .redirectError(errors.toFile())
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
        List<Long> figures = out.lines().map(Long::valueOf).toList();
        return new Memory(figures.getFirst(), figures.getLast());
    }
}
