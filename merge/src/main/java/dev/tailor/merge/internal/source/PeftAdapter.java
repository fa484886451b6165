package dev.tailor.merge.internal.source;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.internal.kernel.LowRankProduct;
import dev.tailor.merge.internal.kernel.Matrix;
import dev.tailor.merge.internal.source.TensorChange.Magnitude;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.TensorInfo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// A LoRA adapter in PEFT's layout: `adapter_config.json` and `adapter_model.safetensors`.
///
/// The factors are small and held in memory; whole tensors (`modules_to_save`) stay in the file and
/// are read from it piece by piece.
///
/// @param changes what is done to a tensor, by the tensor's name in the base model
/// @param file the adapter's tensors, under the names they have there
public record PeftAdapter(Path path, Map<String, TensorChange> changes, Checkpoint file)
        implements AutoCloseable {
    private static final String PREFIX = "base_model.model.";
    private static final String TRAINED_ROWS = ".token_adapter.trainable_tokens_delta";

    /// Reads an adapter.
    ///
    /// Throws [TailorException] with [ErrorCode#FILE_NOT_FOUND], [ErrorCode#FILE_CORRUPT], or
    /// [ErrorCode#MODEL_INVALID] for one that cannot be merged.
    public static PeftAdapter read(Path directory) {
        PeftConfig config = PeftConfig.read(directory);
        Checkpoint file = open(directory);
        try {
            return new PeftAdapter(directory, new Reading(config, file).read(), file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static Checkpoint open(Path directory) {
        Path weights = directory.resolve("adapter_model.safetensors");
        if (!Files.exists(weights)) {
            boolean pickle = Files.exists(directory.resolve("adapter_model.bin"));
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no adapter_model.safetensors")
                    .at(directory)
                    .remedy(
                            pickle
                                    ? "adapter_model.bin is not read: save the adapter once more"
                                            + " with a current PEFT"
                                    : "name a directory with a PEFT adapter");
        }
        return Checkpoint.open(weights);
    }

    @Override
    public void close() {
        file.close();
    }

    private record Reading(
            PeftConfig config,
            Checkpoint file,
            Map<String, TensorChange> changes,
            Map<String, Map<String, TensorInfo>> modules) {
        Reading(PeftConfig config, Checkpoint file) {
            this(config, file, new TreeMap<>(), new TreeMap<>());
        }

        Map<String, TensorChange> read() {
            file.tensors().forEach(this::sort);
            modules.forEach(this::addFactors);
            if (changes.isEmpty()) {
                throw config.invalid("the adapter holds no tensors");
            }
            return changes;
        }

        private void sort(TensorInfo info) {
            if (!info.dtype().isFloat()) {
                throw config.invalid("'" + info.name() + "' is " + info.dtype());
            }
            String name =
                    info.name().startsWith(PREFIX)
                            ? info.name().substring(PREFIX.length())
                            : info.name();
            int role = name.indexOf(".lora_");
            if (role >= 0) {
                modules.computeIfAbsent(name.substring(0, role), key -> new TreeMap<>())
                        .put(name.substring(role + 1).replace(".default", ""), info);
            } else if (name.endsWith(TRAINED_ROWS)) {
                addRows(name.substring(0, name.length() - TRAINED_ROWS.length()), info);
            } else {
                // A layer that is wrapped keeps its own weights as `base_layer`.
                String target =
                        name.replace(".modules_to_save.default.", ".").replace(".base_layer.", ".");
                change(target, change -> change.replacedBy(info));
            }
        }

        private void change(String tensor, UnaryOperator<TensorChange> how) {
            changes.put(tensor, how.apply(changes.getOrDefault(tensor, TensorChange.NONE)));
        }

        private void addRows(String module, TensorInfo info) {
            int[] indices = config.trainedRows(module);
            if (info.shape().size() != 2 || info.shape().getFirst() != indices.length) {
                throw config.invalid(
                        "'%s' is %s, but adapter_config.json names %d rows"
                                .formatted(info.name(), info.shape(), indices.length));
            }
            int columns = Math.toIntExact(info.shape().get(1));
            change(
                    module + ".weight",
                    change -> change.with(new TensorChange.Rows(indices, columns, floats(info))));
        }

        private void addFactors(String module, Map<String, TensorInfo> roles) {
            Map<String, TensorInfo> open = new TreeMap<>(roles);
            boolean embedding = open.containsKey("lora_embedding_A");
            Optional<TensorInfo> a = take(open, embedding ? "lora_embedding_A" : "lora_A.weight");
            Optional<TensorInfo> b = take(open, embedding ? "lora_embedding_B" : "lora_B.weight");
            Optional<TensorInfo> magnitude =
                    take(open, "lora_magnitude_vector")
                            .or(() -> take(open, "lora_magnitude_vector.weight"));
            Optional<TensorInfo> bias = take(open, "lora_B.bias");
            if (a.isEmpty() || b.isEmpty() || !open.isEmpty()) {
                throw config.invalid(
                        "'%s' needs one lora_A and one lora_B, found %s"
                                .formatted(module, roles.keySet()));
            }
            // An embedding is a matrix [in, out]; so are the weights of GPT-2's layers.
            boolean transposed = embedding || config.fanInFanOut();
            LowRankProduct product = product(module, matrix(a.get()), matrix(b.get()), transposed);
            change(
                    module + ".weight",
                    change ->
                            change.with(
                                    product,
                                    magnitude.map(info -> magnitude(info, product, transposed))));
            bias.ifPresent(info -> {
                float[] addition = floats(info);
                for (int i = 0; i < addition.length; i++) {
                    addition[i] *= product.scale();
                }
                change(module + ".bias", change -> change.plus(addition));
            });
        }

        private static Optional<TensorInfo> take(Map<String, TensorInfo> roles, String role) {
            return Optional.ofNullable(roles.remove(role));
        }

        private LowRankProduct product(String module, Matrix a, Matrix b, boolean transposed) {
            if (a.rows() != b.columns()) {
                throw config.invalid(
                        "the factors of '%s' do not fit: [%d, %d], [%d, %d]"
                                .formatted(module, a.rows(), a.columns(), b.rows(), b.columns()));
            }
            float scale = config.scale(module, a.rows());
            return transposed
                    ? new LowRankProduct(a.transposed(), b.transposed(), scale)
                    : new LowRankProduct(b, a, scale);
        }

        private Magnitude magnitude(TensorInfo info, LowRankProduct product, boolean ofColumns) {
            long wanted = ofColumns ? product.columns() : product.rows();
            if (info.elements() != wanted) {
                throw config.invalid(
                        "'%s' is %s, expected %d numbers"
                                .formatted(info.name(), info.shape(), wanted));
            }
            return new Magnitude(floats(info), ofColumns);
        }

        private Matrix matrix(TensorInfo info) {
            if (info.shape().size() != 2) {
                throw config.invalid("'" + info.name() + "' is no matrix but " + info.shape());
            }
            return new Matrix(
                    Math.toIntExact(info.shape().get(0)),
                    Math.toIntExact(info.shape().get(1)),
                    floats(info));
        }

        private float[] floats(TensorInfo info) {
            return Conversions.toFloats(info.dtype(), file.data(info.name()));
        }
    }
}
