package dev.tailor.torch;

import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Adapters that differ from others in one thing.
final class Adapters {
    private static final String WEIGHTS = "adapter_model.safetensors";

    private Adapters() {}

    static Path copy(Path adapter, Path target) {
        return rewritten(adapter, target, "", name -> name, values -> {});
    }

    static Path changed(Path adapter, Path target, String tensor, Consumer<float[]> change) {
        return rewritten(adapter, target, tensor, name -> name, change);
    }

    static Path without(Path adapter, Path target, String tensor) {
        return rewritten(
                adapter, target, "", name -> name.equals(tensor) ? "" : name, values -> {});
    }

    static Path renamed(Path adapter, Path target, String part, String by) {
        return rewritten(adapter, target, "", name -> name.replace(part, by), values -> {});
    }

    private static Path rewritten(
            Path adapter,
            Path target,
            String changed,
            UnaryOperator<String> names,
            Consumer<float[]> change) {
        try (Arena arena = Arena.ofConfined();
                Checkpoint checkpoint = Checkpoint.open(adapter.resolve(WEIGHTS))) {
            Files.createDirectories(target);
            Files.copy(
                    adapter.resolve("adapter_config.json"), target.resolve("adapter_config.json"));
            Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
            for (String name : checkpoint.names()) {
                String written = names.apply(name);
                if (written.isEmpty()) {
                    continue;
                }
                float[] values = Conversions.toFloats(DType.F32, checkpoint.data(name));
                if (name.equals(changed)) {
                    change.accept(values);
                }
                tensors.put(
                        new TensorInfo(written, DType.F32, checkpoint.info(name).shape()),
                        arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
            }
            SafetensorsWriter.writeFile(target.resolve(WEIGHTS), tensors, Map.of());
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
