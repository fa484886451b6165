package dev.tailor.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Writing, reading back, and the bytes of the reference implementation.
class SafetensorsTest {
    private static final List<TensorInfo> LAYOUT =
            List.of(
                    TensorInfo.of("b", DType.BF16, 3, 2),
                    TensorInfo.of("a", DType.F32, 2, 2),
                    TensorInfo.of("empty", DType.F32, 0, 4),
                    TensorInfo.of("scalar", DType.I64),
                    TensorInfo.of("flags", DType.BOOL, 5));

    @TempDir Path directory;

    @Test
    void writer_anyOrderAndPieces_readsBackTheSame() {
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(directory, LAYOUT, 1 << 20, Map.of())) {
            writer.write("a", 8, bytes(8, 8));
            for (TensorInfo info : LAYOUT) {
                if (!info.name().equals("a")) {
                    writer.write(info.name(), 0, bytes(0, (int) info.bytes()));
                }
            }
            writer.write("a", 0, bytes(0, 8));
            writer.finish();
        }
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThat(checkpoint.tensors()).containsExactlyInAnyOrderElementsOf(LAYOUT);
            assertThat(checkpoint.metadata()).containsEntry("format", "pt");
            for (TensorInfo info : LAYOUT) {
                assertThat(checkpoint.data(info.name()).toArray(ValueLayout.JAVA_BYTE))
                        .isEqualTo(bytes(0, (int) info.bytes()).toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @Test
    void writer_manyThreads_writesEveryByte() {
        TensorInfo info = TensorInfo.of("w", DType.U8, 100_000);
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(directory, List.of(info), 1 << 20, Map.of())) {
            IntStream.range(0, 100)
                    .parallel()
                    .forEach(i -> writer.write("w", 1000L * i, bytes(1000 * i, 1000)));
            writer.finish();
        }
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThat(checkpoint.data("w").mismatch(bytes(0, 100_000))).isEqualTo(-1);
        }
    }

    @Test
    void writer_missingBytes_refusesToFinish() {
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(directory, LAYOUT, 1 << 20, Map.of())) {
            writer.write("a", 0, bytes(0, 8));
            assertThatThrownBy(writer::finish)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was not written completely");
        }
    }

    @Test
    void writer_outsideTheTensor_refuses() {
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(directory, LAYOUT, 1 << 20, Map.of())) {
            assertThatThrownBy(() -> writer.write("a", 12, bytes(0, 8)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> writer.write("unknown", 0, bytes(0, 8)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void writer_smallShards_writesIndexAndShardsThatRead() throws IOException {
        List<TensorInfo> layout = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            layout.add(TensorInfo.of("layers." + i + ".weight", DType.F32, 10));
        }
        try (SafetensorsWriter writer = SafetensorsWriter.create(directory, layout, 80, Map.of())) {
            layout.forEach(info -> writer.write(info.name(), 0, bytes(0, 40)));
            writer.finish();
        }
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "model-00001-of-00003.safetensors",
                            "model-00002-of-00003.safetensors",
                            "model-00003-of-00003.safetensors",
                            "model.safetensors.index.json");
        }
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThat(checkpoint.tensors()).containsExactlyElementsOf(layout);
        }
    }

    @Test
    void writeFile_sameTensorsAsTheReference_sameBytes() throws IOException {
        Path reference = resource("reference.safetensors");
        Path ours = directory.resolve("ours.safetensors");
        try (Checkpoint checkpoint = Checkpoint.open(reference)) {
            Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
            for (TensorInfo info : checkpoint.tensors().reversed()) {
                tensors.put(info, checkpoint.data(info.name()));
            }
            SafetensorsWriter.writeFile(ours, tensors, Map.of());
        }
        assertThat(Files.mismatch(ours, reference)).isEqualTo(-1);
    }

    @Test
    void reader_fileOfTheReference_readsEveryType() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(resource("reference.safetensors"))) {
            assertThat(checkpoint.tensors().stream().map(TensorInfo::dtype).distinct())
                    .containsExactlyInAnyOrder(DType.values());
            for (DType type : DType.values()) {
                TensorInfo info = checkpoint.info("t." + type.torchName());
                assertThat(info.shape()).containsExactly(2L, 3L);
                if (type.isFloat()) {
                    assertThat(Conversions.toFloats(type, checkpoint.data(info.name())))
                            .as(type.name())
                            .containsExactly(-1.5f, 0f, 0.25f, 1f, 2f, 3.5f);
                }
            }
        }
    }

    @Test
    void read_pieceOfATensor_givesTheMappedBytes() {
        TensorInfo info = TensorInfo.of("w", DType.U8, 1000);
        Path file = directory.resolve("w.safetensors");
        SafetensorsWriter.writeFile(file, Map.of(info, bytes(0, 1000)), Map.of("k", "v"));
        try (Checkpoint checkpoint = Checkpoint.open(file);
                Arena arena = Arena.ofConfined()) {
            MemorySegment piece = arena.allocate(100);
            checkpoint.read("w", 900, piece);
            assertThat(piece.mismatch(bytes(900, 100))).isEqualTo(-1);
            assertThat(checkpoint.metadata()).containsEntry("k", "v").containsEntry("format", "pt");
            assertThatThrownBy(() -> checkpoint.read("w", 901, piece))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void info_misspeltName_suggestsTheNearest() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(resource("reference.safetensors"))) {
            assertThatThrownBy(() -> checkpoint.info("t.flot32"))
                    .isInstanceOfSatisfying(
                            TailorException.class,
                            e -> {
                                assertThat(e.code()).isEqualTo(ErrorCode.MODEL_INVALID);
                                assertThat(e.remedy())
                                        .hasValueSatisfying(
                                                r -> assertThat(r).contains("t.float32"));
                            });
        }
    }

    @Test
    void open_directoryWithoutWeights_saysWhatIsMissing() {
        assertThatThrownBy(() -> Checkpoint.open(directory))
                .isInstanceOfSatisfying(
                        TailorException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND));
    }

    private static Path resource(String name) {
        return Path.of(System.getProperty("tailor.root"))
                .resolve("tensors/src/test/resources/safetensors")
                .resolve(name);
    }

    private static MemorySegment bytes(int from, int n) {
        byte[] bytes = new byte[n];
        for (int i = 0; i < n; i++) {
            bytes[i] = (byte) ((from + i) * 31 + 7);
        }
        return MemorySegment.ofArray(bytes);
    }
}
