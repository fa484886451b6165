package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;

/// Merges models of a single tensor: a base and others with small differences to it.
///
/// @param shape of the tensor
/// @param models the base first
record OneTensor(Path directory, DType type, long[] shape, List<float[]> models) {
    private static final String NAME = "model.layers.0.mlp.up_proj.weight";

    /// Models of normally distributed numbers; some of the differences are 0.
    static OneTensor random(Path directory, DType type, int others, long... shape) {
        int elements = 1;
        for (long each : shape) {
            elements *= (int) each;
        }
        Random random = new Random(elements);
        List<float[]> models = new ArrayList<>();
        for (int k = 0; k <= others; k++) {
            float[] values = new float[elements];
            for (int i = 0; i < elements; i++) {
                float around = k == 0 ? 0 : models.getFirst()[i];
                boolean differs = k == 0 || random.nextInt(5) > 0;
                double spread = k == 0 ? 0.5 : 0.02 * k;
                values[i] = around + (differs ? (float) (random.nextGaussian() * spread) : 0);
            }
            models.add(rounded(type, values));
        }
        return new OneTensor(directory, type, shape, models);
    }

    private static float[] rounded(DType type, float[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * type.bytes()]);
        Conversions.fromFloat(type, values, 0, bytes, 0, values.length);
        return Conversions.toFloats(type, bytes);
    }

    /// Number `k` of the models.
    float[] model(int k) {
        return models.get(k);
    }

    /// How many elements there are.
    int elements() {
        return model(0).length;
    }

    /// The difference of model `k` to the base.
    double difference(int k, int i) {
        return (double) model(k)[i] - model(0)[i];
    }

    /// The result of a merge of all models.
    float[] merge(String method, String parameters, MergeOptions options) throws IOException {
        StringBuilder yaml =
                new StringBuilder("merge_method: " + method + "\nbase_model: m0\nmodels:\n");
        for (int k = 0; k < models.size(); k++) {
            new TinyModel().tensor(NAME, type, model(k), shape).write(directory.resolve("m" + k));
            yaml.append("- model: m").append(k).append('\n');
        }
        yaml.append("parameters: {").append(parameters).append("}\n");
        MergePlan plan =
                Merge.plan(
                        MergeConfig.read(
                                Yaml.parse(Path.of("merge.yml"), yaml.toString()).getFirst()),
                        ModelResolver.in(List.of(directory)));
        Path output = directory.resolve("out");
        Merge.run(plan, output, options, Event.Listener.none(), Cancellation.never());
        try (Checkpoint checkpoint = Checkpoint.open(output)) {
            return Conversions.toFloats(type, checkpoint.data(NAME));
        }
    }

    /// Fails at the first element that is further from its true value than its type accounts for.
    void assertNear(float[] merged, IntToDoubleFunction truth) {
        for (int i = 0; i < merged.length; i++) {
            double expected = truth.applyAsDouble(i);
            if (!(Math.abs(merged[i] - expected) <= tolerance(merged[i]))) {
                assertThat((double) merged[i])
                        .as("element %d", i)
                        .isCloseTo(expected, offset(tolerance(merged[i])));
            }
        }
    }

    /// How far a result may be from the true value: half a unit of its last place, and what single
    /// precision loses before.
    private double tolerance(float result) {
        double unit =
                switch (type) {
                    case BF16 -> Math.ulp(result) * (1 << 16);
                    case F16 -> Math.max(Math.ulp(result) * (1 << 13), 0x1p-24);
                    default -> Math.ulp(result);
                };
        return unit / 2 + 2e-7;
    }
}
