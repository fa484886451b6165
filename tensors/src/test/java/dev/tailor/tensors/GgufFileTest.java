package dev.tailor.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

class GgufFileTest {
    @TempDir Path directory;

    @Test
    void everyKindOfMetadata_writtenAndRead_staysTheSame() {
        Map<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put("text", GgufValue.text("grüße 東京 \u0000 end"));
        metadata.put("u32", GgufValue.uint32(0xFFFF_FFFFL));
        metadata.put("i8", new GgufValue.Whole(GgufValue.Kind.INT8, -5));
        metadata.put("u16", new GgufValue.Whole(GgufValue.Kind.UINT16, 65535));
        metadata.put("i64", new GgufValue.Whole(GgufValue.Kind.INT64, Long.MIN_VALUE));
        metadata.put("f32", GgufValue.float32(1e-5));
        metadata.put("f64", new GgufValue.Real(GgufValue.Kind.FLOAT64, Math.PI));
        metadata.put("yes", GgufValue.bool(true));
        metadata.put("tokens", GgufValue.texts(List.of("a", "", "Ġb")));
        metadata.put("types", GgufValue.int32s(List.of(1, -3, 6)));
        metadata.put("scores", GgufValue.float32s(List.of(0f, -1.5f)));
        metadata.put("bytes", GgufValue.uint8s(new byte[] {1, -1}));
        metadata.put(
                "nested",
                new GgufValue.Array(
                        GgufValue.Kind.ARRAY, List.of(GgufValue.int32s(List.of(1, 2)))));

        Path file = write(metadata, List.of());

        try (GgufFile read = GgufFile.open(file)) {
            assertThat(read.metadata()).containsExactlyEntriesOf(metadata);
            assertThat(read.tensors()).isEmpty();
        }
    }

    @Test
    void tensors_writtenInPiecesAndOutOfOrder_areReadBackAligned() {
        List<GgufTensor> layout =
                List.of(
                        new GgufTensor("odd", GgmlType.F16, List.of(3L)),
                        new GgufTensor("matrix", GgmlType.F32, List.of(2L, 5L)));
        Path file = directory.resolve("pieces.gguf");
        try (GgufWriter writer = GgufWriter.create(file, Map.of(), layout)) {
            MemorySegment matrix = floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            writer.write("matrix", 20, matrix.asSlice(20));
            writer.write("odd", 0, encoded(GgmlType.F16, 0.5f, -2, 65504));
            writer.write("matrix", 0, matrix.asSlice(0, 20));
            writer.finish();
        }

        try (GgufFile read = GgufFile.open(file)) {
            assertThat(read.tensors()).isEqualTo(layout);
            assertThat(numbers(read, "odd", 3)).containsExactly(0.5f, -2, 65504);
            assertThat(numbers(read, "matrix", 10)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            assertThat(read.data("matrix").address() % 32).isZero();
        }
    }

    @Test
    void finish_tensorHalfWritten_isRefused() {
        List<GgufTensor> layout = List.of(new GgufTensor("w", GgmlType.F32, List.of(4L)));
        try (GgufWriter writer =
                GgufWriter.create(directory.resolve("half.gguf"), Map.of(), layout)) {
            writer.write("w", 0, floats(1, 2));

            assertThatThrownBy(writer::finish).hasMessageContaining("8 of 16 bytes");
        }
    }

    @Test
    void open_fileCutAnywhere_isRefusedWithThePlace() throws IOException {
        Path whole =
                write(
                        Map.of("tokens", GgufValue.texts(List.of("one", "two"))),
                        List.of(new GgufTensor("w", GgmlType.F32, List.of(64L))));
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = directory.resolve("cut.gguf");
        for (int length = 0; length < bytes.length; length++) {
            Files.write(cut, java.util.Arrays.copyOf(bytes, length));

            assertThatThrownBy(() -> GgufFile.open(cut).close())
                    .isInstanceOfSatisfying(
                            TailorException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_CORRUPT));
        }
    }

    @Test
    void open_randomlyDamagedHeader_neverFailsOtherwise() throws IOException {
        Path whole =
                write(
                        Map.of("tokens", GgufValue.texts(List.of("one", "two"))),
                        List.of(new GgufTensor("w", GgmlType.F32, List.of(2L, 2L))));
        byte[] bytes = Files.readAllBytes(whole);
        Random random = new Random(7);
        Path damaged = directory.resolve("damaged.gguf");
        for (int round = 0; round < 2000; round++) {
            byte[] copy = bytes.clone();
            copy[8 + random.nextInt(copy.length - 8)] = (byte) random.nextInt(256);
            Files.write(damaged, copy);
            try {
                GgufFile.open(damaged).close();
            } catch (TailorException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.FILE_CORRUPT);
            }
        }
    }

    @Test
    void open_countBeyondTheFile_isRefusedWithoutAllocating() throws IOException {
        byte[] header =
                ByteBuffer.allocate(24)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put("GGUF".getBytes(StandardCharsets.US_ASCII))
                        .putInt(3)
                        .putLong(Long.MAX_VALUE)
                        .putLong(1)
                        .array();
        Path file = Files.write(directory.resolve("huge.gguf"), header);

        assertThatThrownBy(() -> GgufFile.open(file).close()).hasMessageContaining("do not fit");
    }

    private Path write(Map<String, GgufValue> metadata, List<GgufTensor> layout) {
        Path file = directory.resolve("file.gguf");
        try (GgufWriter writer = GgufWriter.create(file, metadata, layout)) {
            for (GgufTensor tensor : layout) {
                writer.write(
                        tensor.name(), 0, MemorySegment.ofArray(new byte[(int) tensor.bytes()]));
            }
            writer.finish();
        }
        return file;
    }

    private static MemorySegment floats(float... values) {
        return encoded(GgmlType.F32, values);
    }

    private static MemorySegment encoded(GgmlType type, float... values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) type.bytes(values.length)]);
        type.encode(values, values.length, bytes);
        return bytes;
    }

    private static float[] numbers(GgufFile file, String name, int count) {
        float[] numbers = new float[count];
        file.read(name, 0, numbers);
        return numbers;
    }
}
