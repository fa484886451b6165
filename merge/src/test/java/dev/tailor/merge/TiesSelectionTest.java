package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Which differences TIES keeps in tensors of several tiles, against sorting.
class TiesSelectionTest {
    private static final int ELEMENTS = 100_003;
    private static final String TENSOR = "model.layers.0.mlp.up_proj.weight";

    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource({"0.5,BF16", "0.5,F32", "0.1,BF16", "0.999,F32", "0.000001,F32", "0,BF16"})
    void ties_oneModel_keepsExactlyTheLargestFirstAmongEqual(double density, DType type)
            throws IOException {
        // Few distinct values: most magnitudes have many equals.
        float[] base = numbers(1, 64);
        float[] tuned = numbers(2, 64);
        new TinyModel().tensor(TENSOR, type, base, ELEMENTS).write(directory.resolve("base"));
        new TinyModel().tensor(TENSOR, type, tuned, ELEMENTS).write(directory.resolve("tuned"));
        float[] expected = base.clone();
        for (int i : largest(base, tuned, (long) (density * ELEMENTS))) {
            expected[i] = tuned[i];
        }

        for (boolean compat : new boolean[] {false, true}) {
            float[] merged = merge(type, density, MergeOptions.standard().withCompat(compat));
            assertThat(merged).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.5,64", "0.2,100000", "0.9,1000000", "0.01,1000000"})
    void ties_largeTensor_keepsExactlyTheLargestFirstAmongEqual(double density, int distinct)
            throws IOException {
        int elements = 300_001;
        float[] base = numbers(3, distinct, elements);
        float[] tuned = numbers(4, distinct, elements);
        new TinyModel().tensor(TENSOR, DType.F32, base, elements).write(directory.resolve("base"));
        new TinyModel()
                .tensor(TENSOR, DType.F32, tuned, elements)
                .write(directory.resolve("tuned"));
        float[] expected = base.clone();
        for (int i : largest(base, tuned, (long) (density * elements))) {
            expected[i] = base[i] + (tuned[i] - base[i]);
        }
        assertThat(merge(DType.F32, density, MergeOptions.standard())).isEqualTo(expected);
    }

    @Test
    void merge_anyNumberOfThreads_sameBytes() throws IOException {
        new TinyModel()
                .tensor(TENSOR, DType.BF16, numbers(1, 64), ELEMENTS)
                .write(directory.resolve("base"));
        new TinyModel()
                .tensor(TENSOR, DType.BF16, numbers(2, 64), ELEMENTS)
                .write(directory.resolve("tuned"));
        float[] one = merge(DType.BF16, 0.3, MergeOptions.standard().withThreads(1));
        float[] five = merge(DType.BF16, 0.3, MergeOptions.standard().withThreads(5));
        assertThat(five).isEqualTo(one);
    }

    private float[] merge(DType type, double density, MergeOptions options) {
        String yaml =
                """
                merge_method: ties
                base_model: base
                models:
                - model: tuned
                  parameters: {weight: 1, density: %s}
                """
                        .formatted(density);
        MergePlan plan =
                Merge.plan(
                        MergeConfig.read(Yaml.parse(Path.of("merge.yml"), yaml).getFirst()),
                        ModelResolver.in(List.of(directory)));
        Path output = directory.resolve("out");
        Merge.run(plan, output, options, Event.Listener.none(), Cancellation.never());
        assertThat(Files.exists(output.resolve("tailor.json"))).isTrue();
        try (Checkpoint checkpoint = Checkpoint.open(output)) {
            return Conversions.toFloats(type, checkpoint.data(TENSOR));
        }
    }

    /// Where the largest differences are, the first among equal ones.
    private static int[] largest(float[] base, float[] tuned, long count) {
        long[] order = new long[base.length];
        for (int i = 0; i < order.length; i++) {
            int bits = Float.floatToRawIntBits(Math.abs(tuned[i] - base[i]));
            order[i] = (long) (Integer.MAX_VALUE - bits) << 32 | i;
        }
        Arrays.sort(order);
        return Arrays.stream(order).limit(count).mapToInt(each -> (int) each).toArray();
    }

    /// Multiples of 1/8: differences are exact in every type.
    private static float[] numbers(long seed, int distinct) {
        return numbers(seed, distinct, ELEMENTS);
    }

    private static float[] numbers(long seed, int distinct, int elements) {
        Random random = new Random(seed);
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = (random.nextInt(distinct) - distinct / 2) / 8f;
        }
        return values;
    }
}
