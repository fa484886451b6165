package dev.tailor.tensors;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class GgufReferenceTest {
    private static final Path REFERENCE =
            Path.of(System.getProperty("tailor.root"))
                    .resolve("tensors/src/test/resources/gguf/reference.gguf");

    @TempDir Path directory;

    @Test
    void reader_fileOfTheReference_readsMetadataAndShapes() {
        try (GgufFile file = GgufFile.open(REFERENCE)) {
            assertThat(file.metadata())
                    .containsEntry("general.architecture", GgufValue.text("llama"))
                    .containsEntry("t.u8", new GgufValue.Whole(GgufValue.Kind.UINT8, 200))
                    .containsEntry("t.i16", new GgufValue.Whole(GgufValue.Kind.INT16, -300))
                    .containsEntry("t.u32", GgufValue.uint32(4_000_000_000L))
                    .containsEntry("t.i64", new GgufValue.Whole(GgufValue.Kind.INT64, -(1L << 40)))
                    .containsEntry("t.f32", GgufValue.float32(0.1))
                    .containsEntry("t.bool", GgufValue.bool(true))
                    .containsEntry("t.text", GgufValue.text("Grüße ▁"))
                    .containsEntry("t.texts", GgufValue.texts(List.of("a", "bc", "Ġd")))
                    .containsEntry("t.ints", GgufValue.int32s(List.of(1, -2, 3)))
                    .containsEntry("t.floats", GgufValue.float32s(List.of(0.5f, -1.25f)));
            assertThat(file.tensor("x.q8_0").orElseThrow().type()).isEqualTo(GgmlType.Q8_0);
            assertThat(file.tensor("x.q8_0").orElseThrow().shape()).containsExactly(8L, 64L);
            assertThat(file.tensor("x.f16").orElseThrow().shape()).containsExactly(8L, 10L);
        }
    }

    @Test
    void writer_sameContentAsTheReference_sameBytes() throws IOException {
        Path ours = directory.resolve("ours.gguf");
        try (GgufFile file = GgufFile.open(REFERENCE);
                GgufWriter writer = GgufWriter.create(ours, file.metadata(), file.tensors())) {
            for (GgufTensor tensor : file.tensors().reversed()) {
                switch (tensor.name()) {
                    case "x.bf16", "x.q8_0" -> {
                        float[] source = floats(file, "source.f32");
                        MemorySegment encoded =
                                MemorySegment.ofArray(new byte[(int) tensor.bytes()]);
                        tensor.type().encode(source, source.length, encoded);
                        writer.write(tensor.name(), 0, encoded);
                    }
                    default -> writer.write(tensor.name(), 0, file.data(tensor.name()));
                }
            }
            writer.finish();
        }
        assertThat(Files.mismatch(ours, REFERENCE)).isEqualTo(-1);
    }

    @Test
    void floats_quantised_areWithinHalfAStepOfTheSource() {
        try (GgufFile file = GgufFile.open(REFERENCE)) {
            float[] source = floats(file, "source.f32");
            float[] quantised = floats(file, "x.q8_0");
            for (int block = 0; block < source.length; block += 32) {
                float amax = 0;
                for (int i = block; i < block + 32; i++) {
                    amax = Math.max(amax, Math.abs(source[i]));
                }
                // Smaller blocks have a scale that a half can only hold as a subnormal.
                for (int i = block; i < block + 32 && amax > 0.01f; i++) {
                    assertThat(Math.abs(quantised[i] - source[i]))
                            .isLessThanOrEqualTo(amax / 127 * 0.5f + amax * 0x1p-10f);
                }
            }
        }
    }

    private static float[] floats(GgufFile file, String name) {
        float[] floats = new float[(int) file.tensor(name).orElseThrow().elements()];
        file.read(name, 0, floats);
        return floats;
    }
}
