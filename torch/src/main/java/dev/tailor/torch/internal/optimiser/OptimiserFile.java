package dev.tailor.torch.internal.optimiser;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Tensor;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The optimiser's state as one safetensors file: `value.`, `first.` and `second.` and the
/// parameter's name, all float32; the number of steps stands in the metadata.
public final class OptimiserFile {
    private static final String STEPS = "steps";

    private OptimiserFile() {}

    /// Writes the state.
    public static void write(Path file, List<Moments> moments, long steps) {
        Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
        for (Moments m : moments) {
            parts(m).forEach((name, tensor) ->
                    tensors.put(
                            new TensorInfo(name, DType.F32, m.parameter().shape()),
                            Tensors.memory(tensor)));
        }
        SafetensorsWriter.writeFile(file, tensors, Map.of(STEPS, Long.toString(steps)));
    }

    /// Reads the state and returns the number of steps.
    public static long read(Path file, List<Moments> moments) {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (Moments m : moments) {
                parts(m).forEach((name, tensor) -> {
                    require(checkpoint, name, m.parameter().shape());
                    Tensors.memory(tensor).copyFrom(checkpoint.data(name));
                });
                m.publish();
            }
            if (checkpoint.names().size() != 3 * moments.size()) {
                throw mismatch(checkpoint);
            }
            return Long.parseLong(checkpoint.metadata().getOrDefault(STEPS, ""));
        } catch (NumberFormatException e) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "no number of steps in the metadata")
                    .at(file)
                    .causedBy(e);
        }
    }

    private static Map<String, Tensor> parts(Moments m) {
        String name = m.parameter().name();
        Map<String, Tensor> parts = new LinkedHashMap<>();
        parts.put("value." + name, m.master());
        parts.put("first." + name, m.first());
        parts.put("second." + name, m.second());
        return parts;
    }

    private static void require(Checkpoint checkpoint, String name, List<Long> shape) {
        if (!checkpoint.contains(name)
                || !checkpoint.info(name).shape().equals(shape)
                || !Set.of(DType.F32).contains(checkpoint.info(name).dtype())) {
            throw mismatch(checkpoint);
        }
    }

    private static TailorException mismatch(Checkpoint checkpoint) {
        return TailorException.of(
                        ErrorCode.FILE_CORRUPT, "this optimiser state belongs to other parameters")
                .at(checkpoint.path())
                .remedy("delete the checkpoint to start the stage anew");
    }
}
