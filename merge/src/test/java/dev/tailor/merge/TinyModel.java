package dev.tailor.merge;

import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes models of a few tensors.
final class TinyModel {
    private final Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
    private String config = "{\"model_type\": \"llama\", \"num_hidden_layers\": 1}";

    TinyModel config(String json) {
        config = json;
        return this;
    }

    TinyModel tensor(String name, DType type, float[] values, long... shape) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * type.bytes()]);
        Conversions.fromFloat(type, values, 0, bytes, 0, values.length);
        tensors.put(TensorInfo.of(name, type, shape), bytes);
        return this;
    }

    TinyModel integers(String name, long... values) {
        tensors.put(TensorInfo.of(name, DType.I64, values.length), MemorySegment.ofArray(values));
        return this;
    }

    Path write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("config.json"), config);
        SafetensorsWriter.writeFile(directory.resolve("model.safetensors"), tensors, Map.of());
        return directory;
    }
}
