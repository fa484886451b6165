package dev.tailor.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Files that lie: each is refused with the reason, the file and the tensor.
class HostileSafetensorsTest {
    @TempDir Path directory;

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}} | takes 8 bytes, its offsets [0, 9] span 9
                    {"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}} | ends at byte 16 but the file holds only 8
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | gap of 4 bytes
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | 4 bytes after the last tensor belong to none
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | overlaps the tensor before it
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | the name stands twice
                    {"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}} | the key 'dtype' stands twice
                    {"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}} | unknown dtype 'F33'
                    {"a":{"dtype":"float32","shape":[2],"data_offsets":[0,8]}} | unknown dtype 'float32'
                    {"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}} | 'dtype' must be text
                    {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}} | whole numbers from 0
                    {"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}} | whole numbers from 0
                    {"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}} | impossible shape
                    {"a":{"dtype":"F32","shape":[4611686018427387904,4,0],"data_offsets":[0,0]}} | impossible shape
                    {"a":{"dtype":"F32","shape":[18446744073709551617],"data_offsets":[0,8]}} | whole numbers from 0
                    {"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}} | 'shape' must be a list
                    {"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}} | whole numbers from 0
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}} | must be [begin, end]
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,16]}} | more than 2 numbers
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}} | must be [begin, end]
                    {"a":{"dtype":"F32","shape":[2]}} | needs 'dtype', 'shape' and 'data_offsets'
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}} | unknown key 'x'
                    {"a":[1]} | its entry is not a JSON object
                    {"__metadata__":{"k":{"k":1}},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | must be an object of texts
                    {"__metadata__":{},"__metadata__":{}} | two '__metadata__'
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]} | not valid JSON
                    [1, 2] | not a JSON object
                    {} {} | something follows
                    """)
    void header_thatLies_isRefusedWithReasonAndFile(String json, String reason) throws IOException {
        TailorException error = refusal(file(json.getBytes(StandardCharsets.UTF_8), new byte[8]));
        assertThat(error.getMessage()).contains(reason);
    }

    @Test
    void header_aboutATensor_namesIt() throws IOException {
        String json =
                "{\"model.norm.weight\":{\"dtype\":\"F9\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        assertThat(refusal(file(json.getBytes(StandardCharsets.UTF_8), new byte[8])).getMessage())
                .startsWith("tensor 'model.norm.weight'");
    }

    @Test
    void header_nameWithControlCharacters_isShownHarmlessAndShort() throws IOException {
        String name = "\\u001b[2J" + "x".repeat(5000);
        String json = "{\"" + name + "\":{\"dtype\":\"F9\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        String message =
                refusal(file(json.getBytes(StandardCharsets.UTF_8), new byte[8])).getMessage();
        assertThat(message).doesNotContain("\u001b").hasSizeLessThan(300);
    }

    @Test
    void header_deepJson_isRefused() throws IOException {
        String json = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        refusal(file(json.getBytes(StandardCharsets.UTF_8), new byte[8]));
    }

    @Test
    void header_endlessShape_isRefused() throws IOException {
        String json =
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1"
                        + ",1".repeat(100_000)
                        + "],\"data_offsets\":[0,4]}}";
        assertThat(refusal(file(json.getBytes(StandardCharsets.UTF_8), new byte[4])).getMessage())
                .contains("more than 64 numbers");
    }

    @Test
    void header_notUtf8_isRefused() throws IOException {
        byte[] json =
                "{\"a\u00e9\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
                        .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(refusal(file(json, new byte[8])).getMessage()).contains("not UTF-8");
    }

    @Test
    void header_longerThanTheFile_isRefused() throws IOException {
        Path file = directory.resolve("model.safetensors");
        for (long length : new long[] {50, 99_999_999, 100_000_001, Long.MAX_VALUE, -1}) {
            Files.write(
                    file,
                    ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
            refusal(file);
        }
    }

    @Test
    void file_shorterThanItsLength_isRefused() throws IOException {
        Path file = directory.resolve("model.safetensors");
        for (int size = 0; size < 8; size++) {
            Files.write(file, new byte[size]);
            assertThat(refusal(file).getMessage()).contains("too short");
        }
    }

    @Test
    void file_truncatedAnywhere_isRefused() throws IOException {
        Path file = directory.resolve("model.safetensors");
        SafetensorsWriter.writeFile(
                file,
                Map.of(TensorInfo.of("a", DType.F32, 4), MemorySegment.ofArray(new byte[16])),
                Map.of());
        byte[] whole = Files.readAllBytes(file);
        for (int size = 0; size < whole.length; size++) {
            Files.write(file, java.util.Arrays.copyOf(whole, size));
            refusal(file);
        }
    }

    @Test
    void file_randomlyDamagedHeader_neverFailsOtherwise() throws IOException {
        Path file = directory.resolve("model.safetensors");
        SafetensorsWriter.writeFile(
                file,
                Map.of(
                        TensorInfo.of("a", DType.F32, 4),
                        MemorySegment.ofArray(new byte[16]),
                        TensorInfo.of("b", DType.BF16, 2),
                        MemorySegment.ofArray(new byte[4])),
                Map.of("note", "text"));
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(1);
        for (int round = 0; round < 3000; round++) {
            byte[] damaged = whole.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                damaged[random.nextInt(whole.length - 20)] = (byte) random.nextInt(256);
            }
            Files.write(file, damaged);
            try (Checkpoint checkpoint = Checkpoint.open(file)) {
                checkpoint
                        .names()
                        .forEach(name ->
                                assertThat(checkpoint.data(name).byteSize())
                                        .isEqualTo(checkpoint.info(name).bytes()));
            } catch (TailorException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.FILE_CORRUPT);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"../outside.safetensors", "/etc/passwd", "sub/x.safetensors", "..", "''", "a\\b"})
    void index_shardOutsideTheDirectory_isRefused(String shard) throws IOException {
        index("{\"weight_map\":{\"a\":\"" + shard.replace("\\", "\\\\") + "\"}}");
        assertThat(refusal(directory).getMessage()).contains("not the name of a file beside");
    }

    @Test
    void index_shardWithoutTheTensor_isRefused() throws IOException {
        shard("s1.safetensors", "a");
        shard("s2.safetensors", "b");
        index("{\"weight_map\":{\"a\":\"s2.safetensors\",\"b\":\"s2.safetensors\"}}");
        assertThat(refusal(directory).getMessage()).contains("which does not hold it");
    }

    @Test
    void index_silentAboutATensor_isRefused() throws IOException {
        shard("s1.safetensors", "a", "b");
        index("{\"weight_map\":{\"a\":\"s1.safetensors\"}}");
        assertThat(refusal(directory).getMessage()).contains("the index does not name this tensor");
    }

    @Test
    void index_sameTensorInTwoShards_isRefused() throws IOException {
        shard("s1.safetensors", "a");
        shard("s2.safetensors", "a", "b");
        index("{\"weight_map\":{\"a\":\"s1.safetensors\",\"b\":\"s2.safetensors\"}}");
        assertThat(refusal(directory).getMessage()).contains("also stands in s1.safetensors");
    }

    @Test
    void index_missingShard_namesIt() throws IOException {
        index("{\"weight_map\":{\"a\":\"s1.safetensors\"}}");
        TailorException error =
                catchThrowableOfType(TailorException.class, () -> Checkpoint.open(directory));
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(error.where()).hasValueSatisfying(w -> assertThat(w).contains("s1.safetensors"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"{}", "[]", "{\"weight_map\":{}}", "{\"weight_map\":{\"a\":1}}", "nonsense"})
    void index_notAnIndex_isRefused(String json) throws IOException {
        index(json);
        refusal(directory);
    }

    private TailorException refusal(Path path) {
        TailorException error =
                catchThrowableOfType(TailorException.class, () -> Checkpoint.open(path).close());
        assertThat(error).as("refused").isNotNull();
        assertThat(error.code()).isEqualTo(ErrorCode.FILE_CORRUPT);
        assertThat(error.where())
                .hasValueSatisfying(where -> assertThat(where).startsWith(directory.toString()));
        return error;
    }

    private Path file(byte[] header, byte[] data) throws IOException {
        Path file = directory.resolve("model.safetensors");
        Files.write(
                file,
                ByteBuffer.allocate(8 + header.length + data.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .put(header)
                        .put(data)
                        .array());
        return file;
    }

    private void index(String json) throws IOException {
        Files.writeString(directory.resolve("model.safetensors.index.json"), json);
    }

    private void shard(String name, String... tensors) {
        Map<TensorInfo, MemorySegment> content = new java.util.LinkedHashMap<>();
        for (String tensor : List.of(tensors)) {
            content.put(TensorInfo.of(tensor, DType.U8, 4), MemorySegment.ofArray(new byte[4]));
        }
        SafetensorsWriter.writeFile(directory.resolve(name), content, Map.of());
    }
}
