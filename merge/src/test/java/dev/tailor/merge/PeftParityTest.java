package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;

/// Merged adapters against what PEFT made of them (`src/test/resources/adapters/README.md`).
class PeftParityTest {
    private static final Path ROOT =
            Path.of(System.getProperty("tailor.root")).resolve("merge/src/test/resources/adapters");

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain", "rslora", "patterns", "dora", "dora-rslora-embed", "embed", "saved",
                "bias-lora-only", "bias-all", "lora-bias", "tokens", "tied-embed", "fan", "fan-dora"
            })
    void merge_anyKindOfAdapter_givesPeftsWeights(String adapter) {
        for (DType type : new DType[] {DType.F32, DType.BF16}) {
            Path merged = merge(adapter, type, 2);
            Path expected = ROOT.resolve(adapter).resolve("merged.safetensors");
            try (Checkpoint ours = Checkpoint.open(merged);
                    Checkpoint peft = Checkpoint.open(expected)) {
                assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(peft.names());
                peft.names().forEach(name -> assertSame(ours, peft, name, type));
            }
        }
    }

    @Test
    void merge_onAnyNumberOfThreads_givesTheSameBytes() throws Exception {
        byte[] one = Files.readAllBytes(merge("dora", DType.F32, 1).resolve("model.safetensors"));
        byte[] three = Files.readAllBytes(merge("dora", DType.F32, 3).resolve("model.safetensors"));
        assertThat(three).isEqualTo(one);
    }

    private Path merge(String adapter, DType type, int threads) {
        String base =
                adapter.startsWith("fan") ? "gpt2" : adapter.startsWith("tied") ? "tied" : "base";
        Path merged = directory.resolve(adapter + "-" + type + "-" + threads);
        Adapters.merge(
                ROOT.resolve(base + "-" + suffix(type)),
                ROOT.resolve(adapter),
                merged,
                MergeOptions.standard().withThreads(threads),
                Event.Listener.none(),
                Cancellation.never());
        return merged;
    }

    private static String suffix(DType type) {
        return type == DType.F32 ? "f32" : "bf16";
    }

    /// Sums in another order differ by a few units in the last place of a float32; a bfloat16 is
    /// that number, rounded once.
    private static void assertSame(Checkpoint ours, Checkpoint peft, String name, DType type) {
        double rounding = type == DType.F32 ? 0 : Math.pow(2, -8);
        float[] got = floats(ours, name);
        float[] want = floats(peft, name);
        assertThat(ours.info(name).shape()).isEqualTo(peft.info(name).shape());
        for (int i = 0; i < got.length; i++) {
            double allowed = 3e-7 * Math.max(1, Math.abs(want[i])) + rounding * Math.abs(want[i]);
            assertThat(Math.abs(got[i] - want[i]))
                    .as("%s[%d]", name, i)
                    .isLessThan((float) allowed);
        }
    }

    private static float[] floats(Checkpoint checkpoint, String tensor) {
        return Conversions.toFloats(checkpoint.info(tensor).dtype(), checkpoint.data(tensor));
    }
}
