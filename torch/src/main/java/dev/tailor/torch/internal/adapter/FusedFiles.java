package dev.tailor.torch.internal.adapter;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.DenseWithLora;
import dev.tailor.torch.internal.nn.Linear;
import dev.tailor.torch.internal.nn.Parameter;
import dev.tailor.torch.internal.weights.WeightReader;

import org.bytedeco.pytorch.Tensor;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A model fused with an adapter, from the weights of its files: tensor by tensor.
public final class FusedFiles {
    private FusedFiles() {}

    /// Writes weights and `config.json`; every tensor has the type it has in `model`.
    public static void write(Adapter adapter, Host host, Path model, Path directory) {
        if (!adapter.starts().isEmpty()) {
            throw new IllegalStateException("an adapter whose beginning was taken off the base");
        }
        Map<String, DenseWithLora> adapted = new HashMap<>();
        for (Linear linear : host.decoder().linears()) {
            if (linear instanceof DenseWithLora lora) {
                adapted.put(lora.dense().weight().name(), lora);
            }
        }
        Map<String, Parameter> saved =
                adapter.saved().stream()
                        .collect(Collectors.toMap(Parameter::name, Function.identity()));
        try (ModelDirectory base = ModelDirectory.open(model)) {
            Checkpoint checkpoint = base.checkpoint();
            WeightReader reader = new WeightReader(checkpoint);
            List<TensorInfo> layout =
                    host.weights().keySet().stream().map(checkpoint::info).toList();
            try (SafetensorsWriter writer =
                    SafetensorsWriter.create(
                            directory,
                            layout,
                            SafetensorsWriter.DEFAULT_SHARD_BYTES,
                            Map.of("format", "pt"))) {
                for (TensorInfo info : layout) {
                    Scoped.run(() -> {
                        Tensor values = Tensors.onDevice(reader.stream(info.name()));
                        Tensor tuned = values;
                        if (adapted.containsKey(info.name())) {
                            tuned = adapted.get(info.name()).fused(values);
                        } else if (info.name().equals(Host.EMBEDDING + ".weight")
                                && host.decoder().embeddingLora().isPresent()) {
                            tuned = host.decoder().embeddingLora().get().fused(values);
                        } else if (saved.containsKey(info.name())) {
                            tuned = saved.get(info.name()).data();
                        }
                        Tensor rounded = Tensors.cast(tuned, values.scalar_type());
                        writer.write(info.name(), 0, Tensors.hostMemory(rounded));
                    });
                }
                writer.finish();
            }
            ModelDirectory.writeConfig(directory, base.config());
        }
    }
}
