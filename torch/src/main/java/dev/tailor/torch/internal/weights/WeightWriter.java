package dev.tailor.torch.internal.weights;

import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.Precision;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Weight;

import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Writes weights and configuration of a model.
public final class WeightWriter {
    private WeightWriter() {}

    /// Writes `model.safetensors` or its shards, and `config.json`.
    public static void write(
            Path directory,
            List<? extends Weight> parameters,
            ObjectNode config,
            Precision precision) {
        DType dtype =
                switch (precision) {
                    case FLOAT32 -> DType.F32;
                    case BFLOAT16 -> DType.BF16;
                };
        List<TensorInfo> layout =
                parameters.stream().map(p -> new TensorInfo(p.name(), dtype, p.shape())).toList();
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(
                        directory,
                        layout,
                        SafetensorsWriter.DEFAULT_SHARD_BYTES,
                        Map.of("format", "pt"))) {
            for (Weight parameter : parameters) {
                Scoped.run(() ->
                        writer.write(
                                parameter.name(),
                                0,
                                Tensors.hostMemory(
                                        Tensors.cast(parameter.data(), Tensors.type(precision)))));
            }
            writer.finish();
        }
        config.remove("quantization_config");
        // Each spelling of config.json has its own name for the type.
        config.put(
                config.has("rope_parameters") || config.has("dtype") ? "dtype" : "torch_dtype",
                dtype.torchName());
        ModelDirectory.writeConfig(directory, config);
    }
}
