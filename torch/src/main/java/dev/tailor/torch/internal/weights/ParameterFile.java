package dev.tailor.torch.internal.weights;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;
import dev.tailor.torch.internal.Tensors;
import dev.tailor.torch.internal.nn.Parameter;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Some parameters of a model in one safetensors file, under their names and in their types.
public final class ParameterFile {
    private ParameterFile() {}

    /// Writes the parameters.
    public static void write(Path file, List<Parameter> parameters) {
        Map<TensorInfo, MemorySegment> tensors = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            tensors.put(info(parameter), Tensors.hostMemory(parameter.data()));
        }
        SafetensorsWriter.writeFile(file, tensors, Map.of());
    }

    /// Reads them back into place.
    public static void read(Path file, List<Parameter> parameters) {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (Parameter parameter : parameters) {
                TensorInfo wanted = info(parameter);
                if (!checkpoint.contains(wanted.name())
                        || !checkpoint.info(wanted.name()).equals(wanted)) {
                    throw TailorException.of(
                                    ErrorCode.FILE_CORRUPT,
                                    "these weights belong to another model: '%s' is missing or has"
                                                    .formatted(wanted.name())
                                            + " another shape")
                            .at(file)
                            .remedy("delete the checkpoints to start the stage anew");
                }
                Tensors.fill(parameter.data(), checkpoint.data(wanted.name()));
            }
        }
    }

    private static TensorInfo info(Parameter parameter) {
        DType type = Tensors.isFloat(parameter.data()) ? DType.F32 : DType.BF16;
        return new TensorInfo(parameter.name(), type, parameter.shape());
    }
}
