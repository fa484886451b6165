package dev.tailor.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.tensors.GgmlType;
import dev.tailor.tensors.GgufFile;
import dev.tailor.tensors.GgufTensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Which tensors are stored how, by the table in llama.cpp's documentation of its mixes.
class StorageMixTest {
    @TempDir Path directory;

    @Test
    void largerMixes_wideModel_giveMoreToSomeLayers() throws IOException {
        for (GgufType type : new GgufType[] {GgufType.Q4_K_M, GgufType.Q5_K_M}) {
            Map<String, GgmlType> stored = stored(Golden.wideModel(false, model(type)), type);

            for (int layer = 0; layer < 8; layer++) {
                // Of 8 layers: the first, the last, and every third from the third after the first.
                boolean more = layer == 0 || layer == 3 || layer == 6 || layer == 7;
                GgmlType expected = more ? GgmlType.Q6_K : type.matrices();
                assertThat(stored)
                        .containsEntry("blk." + layer + ".attn_v.weight", expected)
                        .containsEntry("blk." + layer + ".ffn_down.weight", expected)
                        .containsEntry("blk." + layer + ".attn_q.weight", type.matrices())
                        .containsEntry("blk." + layer + ".ffn_up.weight", type.matrices())
                        .containsEntry("blk." + layer + ".ffn_norm.weight", GgmlType.F32);
            }
            assertThat(stored)
                    .containsEntry("token_embd.weight", type.matrices())
                    .containsEntry("output.weight", GgmlType.Q6_K);
        }
    }

    @Test
    void smallMixOf4Bits_wideModel_givesMoreToTheFirstLayers() throws IOException {
        Map<String, GgmlType> stored =
                stored(Golden.wideModel(true, model(GgufType.Q4_K_S)), GgufType.Q4_K_S);

        assertThat(IntStream.range(0, 8).mapToObj(i -> stored.get("blk." + i + ".attn_v.weight")))
                .containsExactly(
                        GgmlType.Q5_K,
                        GgmlType.Q5_K,
                        GgmlType.Q5_K,
                        GgmlType.Q5_K,
                        GgmlType.Q4_K,
                        GgmlType.Q4_K,
                        GgmlType.Q4_K,
                        GgmlType.Q4_K);
        assertThat(stored)
                .containsEntry("blk.0.ffn_down.weight", GgmlType.Q5_K)
                .containsEntry("blk.1.ffn_down.weight", GgmlType.Q4_K)
                // The embedding is the output matrix too.
                .containsEntry("token_embd.weight", GgmlType.Q6_K)
                .doesNotContainKey("output.weight");
    }

    @Test
    void plainTypes_wideModel_storeAllButTheOutputAlike() throws IOException {
        for (GgufType type :
                new GgufType[] {
                    GgufType.Q4_0, GgufType.Q5_0, GgufType.Q5_1, GgufType.Q5_K_S, GgufType.Q6_K
                }) {
            Map<String, GgmlType> stored = stored(Golden.wideModel(false, model(type)), type);

            assertThat(stored.remove("output.weight")).isEqualTo(GgmlType.Q6_K);
            assertThat(stored.values()).containsOnly(GgmlType.F32, type.matrices());
        }
    }

    @Test
    void rowsThatAreNotWholeBlocks_ofNestedTypes_areStoredInSmallerBlocks() throws IOException {
        // Hidden 64, MLP 192: no row is a multiple of 256.
        Path model = Golden.directory("sewing");

        assertThat(stored(model, GgufType.Q4_K_S).values())
                .containsOnly(GgmlType.F32, GgmlType.Q5_0, GgmlType.Q5_1, GgmlType.Q8_0);
        assertThat(stored(model, GgufType.Q5_K_S).values())
                .containsOnly(GgmlType.F32, GgmlType.Q5_1, GgmlType.Q8_0);
        assertThat(stored(model, GgufType.Q6_K).values()).containsOnly(GgmlType.F32, GgmlType.Q8_0);
    }

    private Path model(GgufType type) {
        return directory.resolve("model-" + type.label());
    }

    private Map<String, GgmlType> stored(Path model, GgufType type) {
        Path file = directory.resolve(type.label() + ".gguf");
        GgufExport.export(
                model, GgufOptions.of(type), file, Event.Listener.none(), Cancellation.never());
        try (GgufFile gguf = GgufFile.open(file)) {
            return gguf.tensors().stream()
                    .collect(Collectors.toMap(GgufTensor::name, GgufTensor::type));
        }
    }
}
