package dev.tailor.export;

import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.export.internal.gguf.ModelComparison;
import dev.tailor.tensors.GgmlType;
import dev.tailor.tensors.GgufFile;
import dev.tailor.tensors.GgufTensor;

import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A GGUF file that can be read, every number of it.
///
/// @param types how many tensors are stored how
/// @param comparison with the model that the file was made from, where one was named
public record GgufCheck(
        Path file,
        int tensors,
        long parameters,
        Map<GgmlType, Integer> types,
        Optional<Comparison> comparison) {
    private static final String STAGE = "verify";

    /// Elements read at once: whole blocks of every type.
    private static final int PIECE = 1 << 18;

    public GgufCheck {
        types = Collections.unmodifiableMap(new EnumMap<>(types));
    }

    /// How far a file is from a model.
    ///
    /// @param maxAbsoluteError largest difference of one weight
    /// @param relativeError the worst tensor's root mean square error over its root mean square
    /// @param differences what the file says otherwise about architecture and tokenizer, a sentence
    ///   each
    public record Comparison(
            double maxAbsoluteError, double relativeError, List<String> differences) {
        public Comparison {
            differences = List.copyOf(differences);
        }
    }

    /// Reads a file whole.
    ///
    /// @param model a directory in Hugging Face layout to compare with
    /// @throws TailorException `FILE_CORRUPT` naming what is wrong, `MODEL_INVALID` where the file
    ///   cannot be of that model
    public static GgufCheck of(
            Path file, Optional<Path> model, Event.Listener listener, Cancellation cancellation) {
        try (GgufFile gguf = GgufFile.open(file)) {
            Map<GgmlType, Integer> types = new EnumMap<>(GgmlType.class);
            long parameters = 0;
            int done = 0;
            for (GgufTensor tensor : gguf.tensors()) {
                cancellation.check();
                requireFinite(file, gguf, tensor);
                types.merge(tensor.type(), 1, Integer::sum);
                parameters += tensor.elements();
                done++;
                listener.on(new Event.Step(STAGE, done, gguf.tensors().size(), Map.of()));
            }
            return new GgufCheck(
                    file,
                    gguf.tensors().size(),
                    parameters,
                    types,
                    model.map(
                            directory -> ModelComparison.of(gguf, file, directory, cancellation)));
        }
    }

    private static void requireFinite(Path file, GgufFile gguf, GgufTensor tensor) {
        for (long first = 0; first < tensor.elements(); first += PIECE) {
            float[] values = new float[(int) Math.min(PIECE, tensor.elements() - first)];
            gguf.read(tensor.name(), first, values);
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    throw TailorException.of(
                                    ErrorCode.FILE_CORRUPT,
                                    "the tensor '%s' holds %s at element %,d"
                                            .formatted(tensor.name(), values[i], first + i))
                            .at(file)
                            .remedy("write or fetch the file again");
                }
            }
        }
    }
}
