package dev.tailor.torch.internal.adapter;

import dev.tailor.core.AtomicWrite;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.internal.Scoped;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.weights.WeightReader;

import org.bytedeco.pytorch.Tensor;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// An adapter as a PEFT directory: `adapter_config.json` and `adapter_model.safetensors`.
public final class PeftFiles {
    static final String CONFIG = "adapter_config.json";
    static final String WEIGHTS = "adapter_model.safetensors";
    private static final JsonMapper JSON = JsonMapper.shared();

    private PeftFiles() {}

    /// Writes an adapter into a directory, made if it does not exist: matrices in float32, whole
    /// modules in the model's own type.
    public static void write(Adapter adapter, Host host, Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw AtomicWrite.failure(directory, e);
        }
        Scoped.run(() -> {
            PeftTensors peft = PeftTensors.of(adapter, host);
            Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
            peft.byName()
                    .forEach((name, tensor) ->
                            tensors.put(
                                    new TensorInfo(name, WeightReader.dtype(tensor), shape(tensor)),
                                    Tensors.hostMemory(tensor)));
            SafetensorsWriter.writeFile(
                    directory.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
            Set<String> ends =
                    adapter.layers().keySet().stream()
                            .map(module -> module.substring(module.lastIndexOf('.') + 1))
                            .collect(Collectors.toCollection(TreeSet::new));
            Set<String> saved =
                    adapter.saved().stream()
                            .flatMap(p -> host.names(p).stream())
                            .map(Host::module)
                            .collect(Collectors.toCollection(TreeSet::new));
            AtomicWrite.text(
                    directory.resolve(CONFIG),
                    JSON.writerWithDefaultPrettyPrinter()
                                    .writeValueAsString(
                                            PeftConfig.write(peft.config(), ends, saved))
                            + "\n");
        });
    }

    private static List<Long> shape(Tensor tensor) {
        List<Long> shape = new ArrayList<>();
        for (long i = 0; i < tensor.dim(); i++) {
            shape.add(tensor.size(i));
        }
        return List.copyOf(shape);
    }

    /// Reads an adapter for a model. Which modules it goes to is told by the tensors in the file.
    public static Adapter read(Path directory, Host host) {
        return PeftReader.read(directory, host);
    }
}
