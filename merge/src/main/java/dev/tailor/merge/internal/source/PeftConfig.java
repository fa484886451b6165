package dev.tailor.merge.internal.source;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// What an `adapter_config.json` says about how the adapter's tensors count. Which modules are
/// adapted is told by the tensors themselves.
record PeftConfig(Path directory, JsonNode json) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// What changes the weights otherwise than plain LoRA, or not by a fixed amount.
    private static final List<String> UNSUPPORTED =
            List.of(
                    "use_qalora",
                    "use_bdlora",
                    "alora_invocation_tokens",
                    "arrow_config",
                    "kasa_config",
                    "monteclora_config",
                    "layer_replication",
                    "target_parameters");

    /// Initialisations that also change the base model, so that the original base is the wrong one.
    private static final Pattern CHANGES_BASE =
            Pattern.compile("pissa.*|olora|corda|loftq|lora_ga");

    /// Reads the file; what cannot be merged is refused by name.
    static PeftConfig read(Path directory) {
        Path file = directory.resolve("adapter_config.json");
        if (!Files.isRegularFile(file)) {
            throw TailorException.of(
                            ErrorCode.FILE_NOT_FOUND, "not an adapter: no adapter_config.json")
                    .at(directory)
                    .remedy("name a directory with a PEFT adapter");
        }
        try {
            PeftConfig config = new PeftConfig(directory, JSON.readTree(Files.readAllBytes(file)));
            if (!config.json.isObject()) {
                throw TailorException.of(ErrorCode.FILE_CORRUPT, "not a JSON object").at(file);
            }
            config.requireLora();
            return config;
        } catch (JacksonException e) {
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT, "not valid JSON: " + e.getOriginalMessage())
                    .at(file)
                    .causedBy(e);
        } catch (IOException e) {
            throw TailorException.of(ErrorCode.FILE_NOT_FOUND, "cannot read: " + e.getMessage())
                    .at(file)
                    .causedBy(e);
        }
    }

    private void requireLora() {
        String type = json.path("peft_type").asString("LORA");
        if (!type.equals("LORA")) {
            throw invalid("an adapter of type " + type + ", only LORA can be merged");
        }
        for (String key : UNSUPPORTED) {
            JsonNode value = json.path(key);
            boolean off =
                    value.isMissingNode()
                            || value.isNull()
                            || (value.isBoolean() && !value.booleanValue())
                            || (value.isContainer() && value.isEmpty());
            if (!off) {
                throw invalid("adapters with '" + key + "' cannot be merged");
            }
        }
        String start = json.path("init_lora_weights").asString("true");
        if (CHANGES_BASE.matcher(start).matches()) {
            throw invalid("adapters that began with '" + start + "' do not fit their original base")
                    .remedy(
                            "save it once more in PEFT with"
                                    + " path_initial_model_for_weight_conversion, which turns it"
                                    + " into a plain LoRA adapter");
        }
    }

    /// Whether weights are stored `[in, out]`, as GPT-2's are.
    boolean fanInFanOut() {
        return json.path("fan_in_fan_out").asBoolean(false);
    }

    /// `alpha / r`, or `alpha / sqrt(r)` with rank-stabilised LoRA (Kalajdzievski 2023).
    float scale(String module, int rank) {
        double alpha = pattern("alpha_pattern", module, json.path("lora_alpha").asDouble(rank));
        double expected = pattern("rank_pattern", module, json.path("r").asDouble(rank));
        if (expected != rank) {
            throw invalid(
                    "'%s' has rank %d but adapter_config.json says %d"
                            .formatted(module, rank, (int) expected));
        }
        boolean stabilised = json.path("use_rslora").asBoolean(false);
        return (float) (alpha / (stabilised ? Math.sqrt(rank) : rank));
    }

    /// PEFT matches a pattern against the whole name or the part after a dot; the first that
    /// matches counts.
    private double pattern(String key, String module, double otherwise) {
        for (Map.Entry<String, JsonNode> entry : json.path(key).properties()) {
            try {
                if (Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", module)) {
                    return entry.getValue().asDouble();
                }
            } catch (PatternSyntaxException e) {
                throw invalid("'" + key + "' holds no regular expression: " + entry.getKey())
                        .causedBy(e);
            }
        }
        return otherwise;
    }

    /// The rows of a module's embedding that were trained one by one (`trainable_token_indices`: a
    /// list for the input embedding, or a list for each name).
    int[] trainedRows(String module) {
        JsonNode indices = json.path("trainable_token_indices");
        if (indices.isObject()) {
            for (Map.Entry<String, JsonNode> entry : indices.properties()) {
                if (module.equals(entry.getKey()) || module.endsWith("." + entry.getKey())) {
                    return integers(entry.getValue());
                }
            }
        }
        return integers(indices);
    }

    private static int[] integers(JsonNode list) {
        int[] integers = new int[list.isArray() ? list.size() : 0];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = list.get(i).asInt();
        }
        return integers;
    }

    TailorException invalid(String what) {
        return TailorException.of(ErrorCode.MODEL_INVALID, what).at(directory);
    }
}
