package dev.tailor.export;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.export.internal.nf4.Nf4Parts;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.tensors.Nf4Tensor;
import dev.tailor.tensors.SafetensorsWriter;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.databind.node.ObjectNode;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Writes a model with its layers' matrices in NF4, doubly quantised, as bitsandbytes and
/// transformers keep them: a model directory of a quarter of the size that loads without being
/// quantised again. Embedding, norms and head stay as they are.
public final class Nf4Export {
    /// The matrices that transformers makes 4-bit layers of.
    private static final Pattern MATRIX =
            Pattern.compile("model\\.layers\\.\\d+\\.(self_attn|mlp)\\.\\w+_proj\\.weight");

    private static final Pattern EXPERTS = Pattern.compile("\\.(experts|block_sparse_moe)\\.");

    private Nf4Export() {}

    /// What was written.
    ///
    /// @param bytes of all tensors
    /// @param matrices how many are in NF4
    /// @param parameters weights of the model
    public record Result(Path directory, long bytes, int matrices, long parameters) {
        /// Bits a weight takes on average.
        public double bitsPerWeight() {
            return 8.0 * bytes / parameters;
        }
    }

    /// Writes the directory whole, in place of one that is there.
    ///
    /// @throws TailorException `MODEL_INVALID` for a model that is quantised already, one with
    ///   experts, and one without any matrix to quantise
    public static Result export(
            Path model, Path target, Event.Listener listener, Cancellation cancellation) {
        try (ModelDirectory source = ModelDirectory.open(model)) {
            Checkpoint checkpoint = source.checkpoint();
            List<TensorInfo> tensors = checkpoint.tensors();
            List<TensorInfo> matrices = tensors.stream().filter(Nf4Export::isMatrix).toList();
            check(model, source.config(), tensors, matrices);
            List<TensorInfo> layout = new ArrayList<>();
            for (TensorInfo tensor : tensors) {
                layout.addAll(isMatrix(tensor) ? new Nf4Parts(tensor).layout() : List.of(tensor));
            }
            AtomicWrite.directory(
                    target,
                    directory -> {
                        write(checkpoint, layout, directory, listener, cancellation);
                        ModelDirectory.writeConfig(
                                directory, config(source.config(), matrices.getFirst().dtype()));
                        source.copySideFilesTo(directory);
                    });
            return new Result(
                    target,
                    layout.stream().mapToLong(TensorInfo::bytes).sum(),
                    matrices.size(),
                    tensors.stream().mapToLong(TensorInfo::elements).sum());
        }
    }

    private static boolean isMatrix(TensorInfo tensor) {
        return tensor.shape().size() == 2
                && tensor.dtype().isFloat()
                && MATRIX.matcher(tensor.name()).matches();
    }

    private static void check(
            Path model, ObjectNode config, List<TensorInfo> tensors, List<TensorInfo> matrices) {
        String wrong =
                config.has("quantization_config")
                        ? "the model is quantised already"
                        : tensors.stream().anyMatch(t -> EXPERTS.matcher(t.name()).find())
                                ? "models with experts cannot be written in NF4"
                                : matrices.isEmpty()
                                        ? "the model has no matrices that NF4 is for"
                                        : "";
        if (!wrong.isEmpty()) {
            throw TailorException.of(ErrorCode.MODEL_INVALID, wrong)
                    .at(model)
                    .remedy("NF4 is for the original weights of dense decoder models");
        }
    }

    private static void write(
            Checkpoint checkpoint,
            List<TensorInfo> layout,
            Path directory,
            Event.Listener listener,
            Cancellation cancellation) {
        List<TensorInfo> tensors = checkpoint.tensors();
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(
                        directory, layout, SafetensorsWriter.DEFAULT_SHARD_BYTES, Map.of())) {
            long done = 0;
            for (TensorInfo tensor : tensors) {
                cancellation.check();
                if (isMatrix(tensor)) {
                    try (Arena arena = Arena.ofConfined()) {
                        Nf4Tensor quantised =
                                Nf4Tensor.quantise(
                                        tensor.dtype(),
                                        checkpoint.data(tensor.name()),
                                        true,
                                        arena);
                        new Nf4Parts(tensor)
                                .bytes(quantised, arena)
                                .forEach((name, bytes) -> writer.write(name, 0, bytes));
                    }
                } else {
                    writer.write(tensor.name(), 0, checkpoint.data(tensor.name()));
                }
                done++;
                listener.on(new Event.Step("", done, tensors.size(), Map.of()));
            }
            writer.finish();
        }
    }

    /// What transformers writes beside such weights.
    private static ObjectNode config(ObjectNode config, DType type) {
        ObjectNode quantisation = config.putObject("quantization_config");
        quantisation.put("quant_method", "bitsandbytes");
        quantisation.put("load_in_4bit", true);
        quantisation.put("load_in_8bit", false);
        quantisation.put("bnb_4bit_quant_type", "nf4");
        quantisation.put("bnb_4bit_use_double_quant", true);
        quantisation.put("bnb_4bit_compute_dtype", type.torchName());
        quantisation.put("bnb_4bit_quant_storage", "uint8");
        return config;
    }
}
