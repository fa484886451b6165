package dev.tailor.tensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.tensors.internal.nf4.Codebook;
import dev.tailor.tensors.internal.nf4.DynamicMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

class Nf4TensorTest {
    @Test
    void quantise_recordedWeight_givesBytesAndNumbersOfBitsandbytes() {
        try (Arena arena = Arena.ofConfined();
                Checkpoint golden = golden()) {
            Nf4Tensor tensor = Nf4Tensor.quantise(DType.F32, golden.data("weight"), false, arena);

            assertThat(tensor.codes().mismatch(golden.data("packed"))).isEqualTo(-1);
            assertThat(((Nf4Scales.Plain) tensor.scales()).absmax().mismatch(golden.data("absmax")))
                    .isEqualTo(-1);
            assertThat(dequantised(tensor, arena).mismatch(golden.data("dequant"))).isEqualTo(-1);
        }
    }

    @Test
    void quantise_twice_givesBytesAndNumbersOfBitsandbytes() {
        try (Arena arena = Arena.ofConfined();
                Checkpoint golden = golden()) {
            Nf4Tensor tensor = Nf4Tensor.quantise(DType.F32, golden.data("weight"), true, arena);
            Nf4Scales.Nested scales = (Nf4Scales.Nested) tensor.scales();

            assertThat(tensor.codes().mismatch(golden.data("dq_packed"))).isEqualTo(-1);
            assertThat(scales.offset()).isEqualTo(floats(golden, "dq_offset")[0]);
            assertThat(scales.codes().mismatch(golden.data("dq_absmax_u8"))).isEqualTo(-1);
            assertThat(scales.absmax().mismatch(golden.data("dq_nested_absmax"))).isEqualTo(-1);
            assertThat(dequantised(tensor, arena).mismatch(golden.data("dq_dequant")))
                    .isEqualTo(-1);
            assertThat(tensor.bytes()).isEqualTo(512 * 64 / 2 + 512 + 2 * 4 + 4);
        }
    }

    @Test
    void codebooks_areThoseOfBitsandbytes() {
        try (Checkpoint golden = golden()) {
            assertThat(Codebook.values()).isEqualTo(floats(golden, "codebook"));
            assertThat(DynamicMap.values()).isEqualTo(floats(golden, "dq_nested_map"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 4097})
    void dequantise_anyLength_isNearTheNumbers(int elements) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(elements * 4L, 4);
            for (int i = 0; i < elements; i++) {
                source.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.sin(i));
            }
            Nf4Tensor tensor = Nf4Tensor.quantise(DType.F32, source, true, arena);
            float[] back = dequantised(tensor, arena).toArray(ValueLayout.JAVA_FLOAT);

            assertThat(back).hasSize(elements);
            for (int i = 0; i < elements; i++) {
                // half of the widest gap of the codebook, and a little for the magnitudes
                assertThat(Math.abs(back[i] - Math.sin(i))).isLessThan(0.16);
            }
        }
    }

    @Test
    void quantise_zeros_giveZeros() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate(128 * 4, 4);
            for (boolean twice : new boolean[] {false, true}) {
                Nf4Tensor tensor = Nf4Tensor.quantise(DType.F32, zeros, twice, arena);
                assertThat(dequantised(tensor, arena).mismatch(zeros)).isEqualTo(-1);
            }
        }
    }

    private static MemorySegment dequantised(Nf4Tensor tensor, Arena arena) {
        MemorySegment target = arena.allocate(tensor.elements() * 4, 4);
        tensor.dequantise(0, tensor.tiles(), DType.F32, target);
        return target;
    }

    private static float[] floats(Checkpoint golden, String name) {
        return Conversions.toFloats(DType.F32, golden.data(name));
    }

    private static Checkpoint golden() {
        try {
            return Checkpoint.open(
                    Path.of(
                            Objects.requireNonNull(
                                            Nf4TensorTest.class.getResource("/nf4/nf4.safetensors"))
                                    .toURI()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
