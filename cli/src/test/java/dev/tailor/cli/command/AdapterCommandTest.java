package dev.tailor.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.cli.Invocation;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

class AdapterCommandTest {
    @TempDir Path directory;
    private Path base;
    private Path tuned;

    /// The tiny model with noise on every weight.
    @BeforeEach
    void writeTunedModel() throws IOException {
        base = Invocation.model();
        tuned = Files.createDirectories(directory.resolve("tuned"));
        Files.copy(base.resolve("config.json"), tuned.resolve("config.json"));
        Random random = new Random(1);
        Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
        try (Checkpoint checkpoint = Checkpoint.open(base)) {
            for (TensorInfo info : checkpoint.tensors()) {
                float[] values = Conversions.toFloats(info.dtype(), checkpoint.data(info.name()));
                for (int i = 0; i < values.length; i++) {
                    values[i] += (float) random.nextGaussian() * 0.01f;
                }
                MemorySegment bytes = MemorySegment.ofArray(new byte[(int) info.bytes()]);
                Conversions.fromFloat(info.dtype(), values, 0, bytes, 0, values.length);
                tensors.put(info, bytes);
            }
        }
        SafetensorsWriter.writeFile(tuned.resolve("model.safetensors"), tensors, Map.of());
    }

    @Test
    void extract_fixedRank_showsTheWorstModulesAndWritesThemDown() throws IOException {
        Path adapter = directory.resolve("adapter");
        Invocation extract =
                Invocation.of("adapter", "extract", base, tuned, adapter, "--rank", "4");
        assertThat(extract.exitCode()).as(extract.err()).isZero();
        assertThat(extract.out())
                .contains("worst modules")
                .contains("model.layers.1.mlp")
                .contains("rank at most 4");
        assertThat(extract.err()).contains("--save-modules");
        assertThat(Files.readString(adapter.resolve("README.md"))).contains("| kept | error |");
        assertThat(adapter.resolve("tailor.json")).exists();
    }

    @Test
    void extract_byEnergyWithModules_keepsTheShareAndTheRest() {
        Invocation extract =
                Invocation.of(
                        "adapter",
                        "extract",
                        base,
                        tuned,
                        directory.resolve("adapter"),
                        "--energy",
                        "0.5",
                        "--save-modules",
                        "--json");
        assertThat(extract.exitCode()).as(extract.err()).isZero();
        assertThat(extract.json().path("modules"))
                .allSatisfy(module ->
                        assertThat(module.path("kept_energy").doubleValue()).isGreaterThan(0.5));
        assertThat(extract.json().path("saved")).isNotEmpty();
        assertThat(extract.json().path("left_out")).isEmpty();
    }

    @Test
    void extract_wrongRanks_areUsageErrors() {
        for (String[] wrong :
                new String[][] {
                    {},
                    {"--rank", "0"},
                    {"--rank", "four"},
                    {"--energy", "0"},
                    {"--energy", "1.5"},
                    {"--energy", "0.9", "--max-rank", "0"},
                    {"--rank", "4", "--energy", "0.9"},
                    {"--rank", "4", "--max-rank", "8"}
                }) {
            Object[] words = new Object[5 + wrong.length];
            Object[] first = {"adapter", "extract", base, tuned, directory.resolve("adapter")};
            System.arraycopy(first, 0, words, 0, first.length);
            System.arraycopy(wrong, 0, words, first.length, wrong.length);
            Invocation extract = Invocation.of(words);
            assertThat(extract.exitCode()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(directory.resolve("adapter")).doesNotExist();
        }
    }

    @Test
    void extract_nothingDiffers_saysSo() {
        Invocation extract =
                Invocation.of(
                        "adapter", "extract", base, base, directory.resolve("a"), "--rank", "4");
        assertThat(extract.exitCode()).isEqualTo(3);
        assertThat(extract.err()).contains("same tensors");
    }

    @Test
    void merge_directoryThatIsNoAdapter_saysSo() {
        Invocation merge =
                Invocation.of("adapter", "merge", base, tuned, directory.resolve("merged"));
        assertThat(merge.exitCode()).isEqualTo(3);
        assertThat(merge.err()).contains("no adapter_config.json");
        assertThat(directory.resolve("merged")).doesNotExist();
    }

    @Test
    void merge_modelWithAdapter_isAUsageError() throws IOException {
        Path adapter = Files.createDirectories(directory.resolve("adapter"));
        Invocation merge =
                Invocation.of(
                        "adapter",
                        "merge",
                        base + "+" + adapter,
                        adapter,
                        directory.resolve("merged"));
        assertThat(merge.exitCode()).isEqualTo(2);
        assertThat(merge.err()).contains("MODEL+ADAPTER");
    }
}
