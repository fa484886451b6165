package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.tensors.DType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// What a plan says of itself.
class PlanOutlineTest {
    @TempDir Path directory;
    private Workbench bench;

    @BeforeEach
    void models() throws IOException {
        bench = new Workbench(directory);
        for (String name : new String[] {"base", "a"}) {
            TinyModel model = new TinyModel().config("{\"num_hidden_layers\": 4}");
            model.tensor("model.embed_tokens.weight", DType.BF16, new float[6], 3, 2);
            for (int i = 0; i < 4; i++) {
                model.tensor("model.layers." + i + ".up.weight", DType.BF16, new float[4], 2, 2);
                int rows = i == 3 ? 1 : 2;
                model.tensor(
                        "model.layers." + i + ".down.weight",
                        DType.BF16,
                        new float[2 * rows],
                        rows,
                        2);
            }
            model.tensor("model.norm.weight", DType.BF16, new float[2], 2);
            model.write(directory.resolve(name));
        }
    }

    @Test
    void outline_equalLayers_areOneBlockWithTheFirstAndTheLastParameters() {
        PlanOutline outline = PlanOutline.of(ties());
        assertThat(outline.blocks())
                .extracting(block -> block.prefix() + block.firstLayer() + "-" + block.lastLayer())
                .containsExactly("0-0", "model.layers.0-2", "model.layers.3-3", "0-0");
        PlanOutline.Row row = outline.blocks().get(1).rows().getLast();
        assertThat(row.name()).isEqualTo("up.weight");
        assertThat(Setting.of(row.first().operation()))
                .contains(new Setting("density", List.of(0.1), true));
        assertThat(Setting.of(row.last().operation()))
                .contains(new Setting("density", List.of(0.3), true));
    }

    @Test
    void cost_ties_readsBothModelsTwice() {
        MergePlan plan = ties();
        MergeCost cost = MergeCost.of(plan, MergeOptions.standard().withThreads(2));
        long bytes = plan.outputBytes();
        assertThat(cost.writtenBytes()).isEqualTo(bytes);
        assertThat(cost.readBytes()).isEqualTo(2 * 2 * bytes);
        assertThat(cost.seconds()).isEqualTo(5.0 * bytes / MergeCost.BYTES_PER_SECOND);
        assertThat(cost.memoryBytes()).isBetween(100_000_000L, 300_000_000L);
    }

    @Test
    void cost_memory_growsWithThreads_notWithLayers() {
        MergePlan plan = ties();
        long one = MergeCost.of(plan, MergeOptions.standard().withThreads(1)).memoryBytes();
        long nine = MergeCost.of(plan, MergeOptions.standard().withThreads(9)).memoryBytes();
        assertThat(nine - one).isEqualTo(8 * (1 << 15) * (12 + 16 + 2 * 4));
    }

    private MergePlan ties() {
        return bench.plan(
                """
                merge_method: ties
                base_model: base
                models: [{model: a, parameters: {weight: 1, density: [0.1, 0.4]}}]
                """);
    }
}
