package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.tailor.merge.internal.kernel.RandomBits;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Methods that draw random numbers: what was kept, how it was rescaled and what it adds up to,
/// beside the statistics recorded of mergekit's merges (its random numbers are its own).
class RandomThinningTest {
    private static final MergeOptions OPTIONS = MergeOptions.standard().withThreads(2);

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dare_linear-stat-d0.2",
                "dare_linear-stat-d0.5",
                "dare_ties-stat-d0.2",
                "dare_ties-stat-d0.5",
                "della-stat-d0.2",
                "della-stat-d0.5",
                "della_linear-stat-d0.2",
                "della_linear-stat-d0.5"
            })
    void thinning_recordedMerge_sameStatistics(String name) throws Exception {
        JsonNode recorded =
                JsonMapper.builder()
                        .build()
                        .readTree(Files.readAllBytes(Golden.ROOT.resolve(name + "/stats.json")));
        MergePlan plan = Golden.plan(name);
        Path output = directory.resolve("out");
        Golden.run(plan, output, OPTIONS);
        double density = Double.parseDouble(name.substring(name.length() - 3));
        long kept = 0;
        long all = 0;
        try (Checkpoint merged = Checkpoint.open(output);
                Checkpoint base = Checkpoint.open(plan.models().get(0).directory());
                Checkpoint tuned = Checkpoint.open(plan.models().get(1).directory())) {
            for (TensorInfo info : merged.tensors()) {
                float[] origin = floats(base, info);
                float[] before = minus(floats(tuned, info), origin);
                float[] after = minus(floats(merged, info), origin);
                JsonNode theirs = recorded.get(info.name());
                int n = before.length;
                long left = 0;
                double l1Before = 0;
                double l1After = 0;
                List<Double> scales = new ArrayList<>();
                for (int i = 0; i < n; i++) {
                    l1Before += Math.abs(before[i]);
                    l1After += Math.abs(after[i]);
                    if (after[i] != 0) {
                        left++;
                        scales.add((double) after[i] / before[i]);
                    }
                }
                kept += left;
                all += n;
                // Four standard deviations of a binomial share.
                double spread = 4 * Math.sqrt(density * (1 - density) / n);
                assertThat((double) left / n).as(info.name()).isCloseTo(density, offset(spread));
                assertThat(l1After / l1Before).as(info.name()).isCloseTo(1, offset(1e-4));
                double median = scales.stream().sorted().toList().get(scales.size() / 2);
                double recordedScale = theirs.get("scale_median").asDouble();
                // Both shares kept vary, and the scale is about the inverse of the share.
                assertThat(median / recordedScale)
                        .as(info.name())
                        .isCloseTo(1, offset(0.02 + 2.5 * spread / density));
            }
        }
        assertThat((double) kept / all)
                .isCloseTo(density, offset(4 * Math.sqrt(density * (1 - density) / all)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dare_ties-stat-d0.5", "della-stat-d0.2"})
    void thinning_anyThreadsAndShards_sameNumbers(String name) {
        MergePlan plan = Golden.plan(name);
        Path one = directory.resolve("one");
        Path many = directory.resolve("many");
        Golden.run(plan, one, OPTIONS.withThreads(1));
        Golden.run(plan, many, OPTIONS.withThreads(4).withMaxShardBytes(20_000));
        Path other = directory.resolve("other");
        Golden.run(plan, other, OPTIONS.withSeed(7));
        try (Checkpoint a = Checkpoint.open(one);
                Checkpoint b = Checkpoint.open(many);
                Checkpoint c = Checkpoint.open(other)) {
            boolean differs = false;
            for (TensorInfo info : a.tensors()) {
                assertThat(b.data(info.name()).mismatch(a.data(info.name()))).isEqualTo(-1);
                differs |= c.data(info.name()).mismatch(a.data(info.name())) >= 0;
            }
            assertThat(differs).as("another seed drops others").isTrue();
        }
    }

    /// Every element against its own rank, counted: equal magnitudes, zeros, short and odd rows.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 101, 2048})
    void della_anyRow_isKeptByMeanRank(int columns) throws Exception {
        int rows = 6;
        Random numbers = new Random(columns);
        float[] tuned = new float[rows * columns];
        for (int i = 0; i < tuned.length; i++) {
            tuned[i] = Math.round(numbers.nextGaussian() * 20) * 0.1f;
        }
        String name = "model.layers.0.mlp.up_proj.weight";
        Path out = mergeWithZeros(name, tuned, rows, columns);
        RandomBits random = RandomBits.of(OPTIONS.seed(), name, 0);
        float[] expected = new float[tuned.length];
        for (int i = 0; i < tuned.length; i++) {
            int row = i / columns * columns;
            double rank = -0.5;
            for (int j = row; j < row + columns; j++) {
                int order = Float.compare(Math.abs(tuned[j]), Math.abs(tuned[i]));
                rank += order < 0 ? 1 : order == 0 ? 0.5 : 0;
            }
            double chance = columns == 1 ? 0.5 : 0.1 + 0.8 * rank / (columns - 1);
            expected[i] = random.at(i) * 0x1p-32 < chance ? tuned[i] + 0f : 0;
        }
        try (Checkpoint merged = Checkpoint.open(out)) {
            assertThat(Conversions.toFloats(DType.F32, merged.data(name))).isEqualTo(expected);
        }
    }

    /// Within a row, the larger half is kept more often than the smaller one.
    @Test
    void della_rankedWithinRows_keepsLargeElementsMoreOften() throws Exception {
        int rows = 64;
        int columns = 101;
        float[] tuned = new float[rows * columns];
        for (int i = 0; i < tuned.length; i++) {
            tuned[i] = 1 + i % columns * (i % 2 == 0 ? 1 : -1);
        }
        String name = "model.layers.0.mlp.up_proj.weight";
        Path merge = mergeWithZeros(name, tuned, rows, columns);
        try (Checkpoint merged = Checkpoint.open(merge)) {
            float[] out = Conversions.toFloats(DType.F32, merged.data(name));
            int[] kept = new int[columns];
            for (int i = 0; i < out.length; i++) {
                kept[i % columns] += out[i] != 0 ? 1 : 0;
                assertThat(out[i]).isIn(0f, tuned[i]);
            }
            int half = columns / 2;
            int small = Arrays.stream(kept, 0, half).sum();
            int large = Arrays.stream(kept, columns - half, columns).sum();
            assertThat((double) small / (half * rows)).isCloseTo(0.3, offset(0.04));
            assertThat((double) large / (half * rows)).isCloseTo(0.7, offset(0.04));
        }
    }

    /// One tensor onto zeros, with a density of 0.5 and an epsilon of 0.4.
    private Path mergeWithZeros(String name, float[] tuned, int rows, int columns)
            throws Exception {
        new TinyModel()
                .tensor(name, DType.F32, new float[tuned.length], rows, columns)
                .write(directory.resolve("base"));
        new TinyModel()
                .tensor(name, DType.F32, tuned, rows, columns)
                .write(directory.resolve("tuned"));
        MergePlan plan =
                Merge.plan(
                        MergeConfig.read(
                                dev.tailor.core.yaml.Yaml.parse(
                                                Path.of("merge.yml"),
                                                """
                                                merge_method: della_linear
                                                base_model: base
                                                models:
                                                - model: tuned
                                                  parameters: {weight: 1, density: 0.5, epsilon: 0.4}
                                                parameters: {rescale: false}
                                                """)
                                        .getFirst()),
                        ModelResolver.in(List.of(directory)));
        Path out = directory.resolve("out");
        Golden.run(plan, out, OPTIONS);
        return out;
    }

    private static float[] floats(Checkpoint checkpoint, TensorInfo info) {
        return Conversions.toFloats(info.dtype(), checkpoint.data(info.name()));
    }

    private static float[] minus(float[] x, float[] y) {
        float[] difference = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            difference[i] = x[i] - y[i];
        }
        return difference;
    }
}
