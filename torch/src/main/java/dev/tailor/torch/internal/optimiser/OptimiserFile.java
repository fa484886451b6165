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
import java.util.TreeMap;
import java.util.stream.LongStream;

/// The optimiser's state as one safetensors file: `value.` and the parameter's name for its value,
/// `lower-bits.` for what a bfloat16 value lacks to float32, and one tensor for everything that the
/// rule remembers of it, such as `first.` and `second.`; the number of steps stands in the
/// metadata.
public final class OptimiserFile {
    private static final String STEPS = "steps";

    private OptimiserFile() {}

    /// Writes the state.
    public static void write(Path file, List<ParameterState> states, long steps) {
        Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
        for (ParameterState state : states) {
            parts(state)
                    .forEach((name, tensor) ->
                            tensors.put(
                                    new TensorInfo(name, type(tensor), shape(tensor)),
                                    Tensors.hostMemory(tensor)));
        }
        SafetensorsWriter.writeFile(file, tensors, Map.of(STEPS, Long.toString(steps)));
    }

    /// Reads the state and returns the number of steps.
    public static long read(Path file, List<ParameterState> states) {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            int count = 0;
            for (ParameterState state : states) {
                Map<String, Tensor> parts = parts(state);
                parts.forEach((name, tensor) -> {
                    require(checkpoint, name, tensor);
                    Tensors.fill(tensor, checkpoint.data(name));
                });
                state.publish();
                count += parts.size();
            }
            if (checkpoint.names().size() != count) {
                throw mismatch(checkpoint);
            }
            return Long.parseLong(checkpoint.metadata().getOrDefault(STEPS, ""));
        } catch (NumberFormatException e) {
            throw TailorException.of(ErrorCode.FILE_CORRUPT, "no number of steps in the metadata")
                    .at(file)
                    .causedBy(e);
        }
    }

    private static Map<String, Tensor> parts(ParameterState state) {
        String name = state.parameter().name();
        Map<String, Tensor> parts = new TreeMap<>();
        state.parts().forEach((part, tensor) -> parts.put(part + "." + name, tensor));
        return parts;
    }

    private static DType type(Tensor tensor) {
        return switch (tensor.scalar_type().intern()) {
            case Float -> DType.F32;
            case Double -> DType.F64;
            case BFloat16 -> DType.BF16;
            case Short -> DType.I16;
            case Byte -> DType.U8;
            default -> throw new IllegalStateException("no state of type " + tensor.scalar_type());
        };
    }

    private static List<Long> shape(Tensor tensor) {
        return LongStream.range(0, tensor.dim()).map(tensor::size).boxed().toList();
    }

    private static void require(Checkpoint checkpoint, String name, Tensor tensor) {
        if (!checkpoint.contains(name)
                || !checkpoint.info(name).shape().equals(shape(tensor))
                || checkpoint.info(name).dtype() != type(tensor)) {
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
