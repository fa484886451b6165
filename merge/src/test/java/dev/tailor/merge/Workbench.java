package dev.tailor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tailor.core.Cancellation;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.core.yaml.Yaml;
import dev.tailor.core.yaml.YamlNode;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Tiny models in a directory, and merges of them.
record Workbench(Path directory) {
    /// Writes a model with the tensors named, each `[2, 2]` and full of one value.
    void model(String name, String config, float value, String... tensors) throws IOException {
        TinyModel model = new TinyModel().config(config);
        for (String tensor : tensors) {
            model.tensor(tensor, DType.F32, filled(value, 4), 2, 2);
        }
        model.write(directory.resolve(name));
    }

    /// Writes a model whose tensors may have `*` in their names: these are in each of `layers`
    /// layers, with the layer's number added to `value`.
    void deepModel(String name, String config, float value, int layers, String... tensors)
            throws IOException {
        TinyModel model = new TinyModel().config(config);
        for (String tensor : tensors) {
            if (!tensor.contains("*")) {
                model.tensor(tensor, DType.F32, filled(value, 4), 2, 2);
                continue;
            }
            for (int i = 0; i < layers; i++) {
                model.tensor(tensor.replace("*", "" + i), DType.F32, filled(value + i, 4), 2, 2);
            }
        }
        model.write(directory.resolve(name));
    }

    static float[] filled(float value, int size) {
        float[] values = new float[size];
        Arrays.fill(values, value);
        return values;
    }

    ModelResolver resolver() {
        return ModelResolver.in(List.of(directory));
    }

    MergePlan plan(String yaml) {
        return Merge.plan(MergeConfig.read(node(yaml)), resolver());
    }

    static YamlNode node(String yaml) {
        return Yaml.parse(Path.of("merge.yml"), yaml).getFirst();
    }

    TailorException refusal(String yaml) {
        TailorException error = catchThrowableOfType(TailorException.class, () -> plan(yaml));
        assertThat(error).as("refused").isNotNull();
        return error;
    }

    /// Merges into the directory `out`.
    void run(MergePlan plan) {
        Merge.run(
                plan,
                directory.resolve("out"),
                MergeOptions.standard(),
                Event.Listener.none(),
                Cancellation.never());
    }

    /// The first element of a tensor of `out`.
    float first(String tensor) {
        return values(tensor)[0];
    }

    /// The elements of a tensor of `out`.
    float[] values(String tensor) {
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve("out"))) {
            return Conversions.toFloats(checkpoint.info(tensor).dtype(), checkpoint.data(tensor));
        }
    }

    /// The tensor of a plan.
    static MergePlan.Tensor tensor(MergePlan plan, String name) {
        return plan.tensors().stream()
                .filter(tensor -> tensor.output().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /// The value of a parameter for a tensor: of the only model, or of model `k`.
    static double value(MergePlan plan, String tensor, String parameter, int k) {
        return Setting.of(tensor(plan, tensor).operation()).stream()
                .filter(setting -> setting.name().equals(parameter))
                .map(setting -> setting.values().get(k))
                .map(value -> value instanceof Boolean flag ? (flag ? 1 : 0) : (double) value)
                .findFirst()
                .orElseThrow();
    }

    static List<Double> values(
            MergePlan plan, IntFunction<String> tensor, String parameter, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> value(plan, tensor.apply(i), parameter, 0))
                .toList();
    }
}
