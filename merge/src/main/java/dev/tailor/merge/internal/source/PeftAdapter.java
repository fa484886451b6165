package dev.tailor.merge.internal.source;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.Checkpoint;
import dev.tailor.tensors.Conversions;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A LoRA adapter in PEFT's layout: `adapter_config.json` and `adapter_model.safetensors`.
///
/// @param updates what is added to a tensor, by the tensor's name in the base model
/// @param replacements tensors that take the place of the base model's (`modules_to_save`, biases)
public record PeftAdapter(
        Path path, Map<String, LowRankUpdate> updates, Map<String, Replacement> replacements) {
    private static final String PREFIX = "base_model.model.";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// A whole tensor of the adapter.
    public record Replacement(TensorInfo info, float[] values) {}

    /// `scale * left * right` is added to a tensor `[rows, columns]`.
    ///
    /// @param left `[rows, rank]`
    /// @param right `[rank, columns]`
    public record LowRankUpdate(
            long rows, int columns, int rank, float scale, float[] left, float[] right) {}

    /// Reads an adapter; it is small and is held in memory.
    public static PeftAdapter read(Path directory) {
        JsonNode config = config(directory);
        requirePlainLora(directory, config);
        try (Checkpoint file = open(directory)) {
            return new Reading(directory, config, file).adapter();
        }
    }

    private static Checkpoint open(Path directory) {
        Path weights = directory.resolve("adapter_model.safetensors");
        if (!Files.exists(weights)) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "no adapter_model.safetensors")
                    .at(directory)
                    .remedy("name a directory with a PEFT adapter");
        }
        return Checkpoint.open(weights);
    }

    private static JsonNode config(Path directory) {
        Path file = directory.resolve("adapter_config.json");
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT, "not valid JSON: " + e.getOriginalMessage())
                    .at(file)
                    .causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND, "not an adapter: no adapter_config.json")
                    .at(directory)
                    .causedBy(e);
        }
    }

    private static void requirePlainLora(Path directory, JsonNode config) {
        String type = config.path("peft_type").asString("LORA");
        if (!type.equals("LORA")) {
            throw invalid(directory, "an adapter of type " + type + ", only LORA can be merged");
        }
        for (String flag : new String[] {"use_dora", "fan_in_fan_out", "use_qalora", "lora_bias"}) {
            if (config.path(flag).asBoolean(false)) {
                throw invalid(directory, "adapters with '" + flag + "' cannot be merged yet");
            }
        }
    }

    private static TailorException invalid(Path directory, String what) {
        return TailorException.of(ErrorCode.MODEL_INVALID, what).at(directory);
    }

    /// The factors of one module as they are found.
    private record Factors(Map<String, TensorInfo> byRole) {}

    private record Reading(Path directory, JsonNode config, Checkpoint file) {
        PeftAdapter adapter() {
            Map<String, Factors> modules = new TreeMap<>();
            Map<String, Replacement> replacements = new LinkedHashMap<>();
            for (TensorInfo info : file.tensors()) {
                String name =
                        info.name().startsWith(PREFIX)
                                ? info.name().substring(PREFIX.length())
                                : info.name();
                int role = name.indexOf(".lora_");
                if (role < 0) {
                    String target = name.replace(".modules_to_save.default.", ".");
                    replacements.put(target, new Replacement(info.named(target), floats(info)));
                } else {
                    String kind =
                            name.substring(role + 1)
                                    .replace(".default", "")
                                    .replaceFirst("\\.weight$", "");
                    modules.computeIfAbsent(
                                    name.substring(0, role), key -> new Factors(new TreeMap<>()))
                            .byRole()
                            .put(kind, info);
                }
            }
            Map<String, LowRankUpdate> updates = new LinkedHashMap<>();
            modules.forEach(
                    (module, factors) -> updates.put(module + ".weight", update(module, factors)));
            if (updates.isEmpty() && replacements.isEmpty()) {
                throw invalid(directory, "the adapter holds no tensors");
            }
            return new PeftAdapter(directory, updates, replacements);
        }

        private LowRankUpdate update(String module, Factors factors) {
            boolean embedding = factors.byRole().containsKey("lora_embedding_A");
            String suffix = embedding ? "embedding_" : "";
            TensorInfo a = factors.byRole().get("lora_" + suffix + "A");
            TensorInfo b = factors.byRole().get("lora_" + suffix + "B");
            if (a == null || b == null || factors.byRole().size() != 2) {
                throw invalid(
                        directory,
                        "'"
                                + module
                                + "' needs one lora_A and one lora_B, found "
                                + factors.byRole().keySet());
            }
            if (a.shape().size() != 2
                    || b.shape().size() != 2
                    || !a.shape().get(0).equals(b.shape().get(1))) {
                throw invalid(
                        directory,
                        "the factors of '"
                                + module
                                + "' do not fit: "
                                + a.shape()
                                + ", "
                                + b.shape());
            }
            int rank = Math.toIntExact(a.shape().get(0));
            long in = a.shape().get(1);
            long out = b.shape().get(0);
            float scale = scale(module, rank);
            return embedding
                    ? new LowRankUpdate(
                            in,
                            Math.toIntExact(out),
                            rank,
                            scale,
                            transposed(floats(a), rank, (int) in),
                            transposed(floats(b), (int) out, rank))
                    : new LowRankUpdate(
                            out, Math.toIntExact(in), rank, scale, floats(b), floats(a));
        }

        /// `alpha / r`, or `alpha / sqrt(r)` with rank-stabilised LoRA.
        private float scale(String module, int rank) {
            double alpha =
                    pattern("alpha_pattern", module, config.path("lora_alpha").asDouble(rank));
            double expected = pattern("rank_pattern", module, config.path("r").asDouble(rank));
            if (expected != rank) {
                throw invalid(
                        directory,
                        "'"
                                + module
                                + "' has rank "
                                + rank
                                + " but adapter_config.json says "
                                + (int) expected);
            }
            boolean stabilised = config.path("use_rslora").asBoolean(false);
            return (float) (alpha / (stabilised ? Math.sqrt(rank) : rank));
        }

        /// PEFT matches a pattern against the whole name or the part after a dot.
        private double pattern(String key, String module, double otherwise) {
            for (Map.Entry<String, JsonNode> entry : config.path(key).properties()) {
                try {
                    if (Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", module)) {
                        return entry.getValue().asDouble();
                    }
                } catch (PatternSyntaxException e) {
                    throw invalid(
                                    directory,
                                    "'" + key + "' holds no regular expression: " + entry.getKey())
                            .causedBy(e);
                }
            }
            return otherwise;
        }

        private float[] floats(TensorInfo info) {
            if (!info.dtype().isFloat()) {
                throw invalid(directory, "'" + info.name() + "' is " + info.dtype());
            }
            return Conversions.toFloats(info.dtype(), file.data(info.name()));
        }

        private static float[] transposed(float[] matrix, int rows, int columns) {
            float[] transposed = new float[matrix.length];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    transposed[j * rows + i] = matrix[i * columns + j];
                }
            }
            return transposed;
        }
    }
}
