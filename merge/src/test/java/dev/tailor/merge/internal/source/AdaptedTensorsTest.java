package dev.tailor.merge.internal.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Converter;
import dev.tailor.tensors.TensorInfo;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.nio.file.Path;

class AdaptedTensorsTest {
    private static final Path ROOT =
            Path.of(System.getProperty("tailor.root")).resolve("merge/src/test/resources/adapters");

    @ParameterizedTest
    @ValueSource(strings = {"plain", "dora", "dora-rslora-embed", "saved", "tokens", "lora-bias"})
    void read_inPiecesOfAnySize_givesTheSameBits(String adapter) {
        try (AdaptedTensors tensors =
                new AdaptedTensors(
                        new TensorSource.Stored(
                                Checkpoint.open(ROOT.resolve("base-bf16")),
                                Converter.forElements(0)),
                        PeftAdapter.read(ROOT.resolve(adapter)))) {
            for (TensorInfo info : tensors.tensors()) {
                float[] whole = read(tensors, info, (int) info.elements());
                for (int piece : new int[] {1, 7, 16, 50, 129}) {
                    assertThat(read(tensors, info, piece)).as(info.name()).isEqualTo(whole);
                }
            }
        }
    }

    private static float[] read(TensorSource tensors, TensorInfo info, int piece) {
        int elements = (int) info.elements();
        float[] all = new float[elements];
        float[] target = new float[piece];
        try (Arena arena = Arena.ofConfined()) {
            for (int first = 0; first < elements; first += piece) {
                int n = Math.min(piece, elements - first);
                tensors.read(info.name(), first, n, target, arena.allocate(8L * piece));
                System.arraycopy(target, 0, all, first, n);
            }
        }
        return all;
    }
}
