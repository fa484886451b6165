package dev.tailor.tensors;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// The quantised types against llama.cpp (`src/test/resources/gguf/README.md`).
class BlockFormatTest {
    private static final Path RECORDED =
            Path.of(System.getProperty("tailor.root"))
                    .resolve("tensors/src/test/resources/gguf/blocks.safetensors");

    @ParameterizedTest
    @EnumSource(
            names = {"F32", "F16", "BF16", "Q8_0"},
            mode = Mode.EXCLUDE)
    void encode_recordedNumbers_givesTheBytesOfLlamaCpp(GgmlType type) {
        try (Checkpoint recorded = Checkpoint.open(RECORDED);
                Arena arena = Arena.ofConfined()) {
            float[] x = floats(recorded, "x");
            MemorySegment bytes = arena.allocate(type.bytes(x.length));

            type.encode(x, x.length, bytes);

            assertThat(bytes.mismatch(recorded.data(type.name()))).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {"F32", "F16", "BF16", "Q8_0"},
            mode = Mode.EXCLUDE)
    void encode_fromTheMiddle_givesTheBytesOfThatPart(GgmlType type) {
        try (Checkpoint recorded = Checkpoint.open(RECORDED);
                Arena arena = Arena.ofConfined()) {
            float[] x = floats(recorded, "x");
            MemorySegment bytes = arena.allocate(type.bytes(256));

            type.encode(x, 7 * 256, 256, bytes);

            MemorySegment part =
                    recorded.data(type.name()).asSlice(type.bytes(7 * 256), type.bytes(256));
            assertThat(bytes.mismatch(part)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {"F32", "F16", "BF16", "Q8_0"},
            mode = Mode.EXCLUDE)
    void decode_recordedBytes_givesTheNumbersOfLlamaCpp(GgmlType type) {
        try (Checkpoint recorded = Checkpoint.open(RECORDED)) {
            float[] expected = floats(recorded, type.name() + ".decoded");
            float[] decoded = new float[expected.length];

            type.decode(recorded.data(type.name()), decoded);

            assertThat(decoded).isEqualTo(expected);
        }
    }

    private static float[] floats(Checkpoint recorded, String name) {
        float[] values = new float[(int) recorded.info(name).elements()];
        Conversions.toFloat(DType.F32, recorded.data(name), 0, values, 0, values.length);
        return values;
    }
}
