package dev.tailor.torch.internal.adapter;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.LoraStart;
import dev.tailor.torch.LoraTargets;
import dev.tailor.torch.LoraVariant;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// `adapter_config.json`, the fields that matter to a low-rank adapter.
final class PeftConfig {
    /// What changes the weights otherwise than plain LoRA, or not by a fixed amount.
    private static final List<String> UNSUPPORTED =
            List.of(
                    "lora_bias",
                    "use_qalora",
                    "use_bdlora",
                    "alora_invocation_tokens",
                    "arrow_config",
                    "kasa_config",
                    "monteclora_config",
                    "layer_replication",
                    "target_parameters",
                    "trainable_token_indices");

    /// Beginnings that also change the base model, so that the original base is the wrong one.
    private static final Pattern CHANGES_BASE =
            Pattern.compile("pissa.*|olora|corda|loftq|lora_ga");

    private PeftConfig() {}

    static LoraConfig read(JsonNode json, Path file) {
        refuse(json, file);
        JsonNode rank = json.path("r");
        JsonNode alpha = json.path("lora_alpha");
        if (!rank.isIntegralNumber() || rank.asInt() < 1 || !alpha.isNumber()) {
            throw invalid("'r' and 'lora_alpha' must be numbers", file);
        }
        Map<String, Integer> ranks = new LinkedHashMap<>();
        json.path("rank_pattern")
                .properties()
                .forEach(e -> ranks.put(e.getKey(), e.getValue().asInt()));
        Map<String, Double> alphas = new LinkedHashMap<>();
        json.path("alpha_pattern")
                .properties()
                .forEach(e -> alphas.put(e.getKey(), e.getValue().asDouble()));
        return new LoraConfig(
                rank.asInt(),
                alpha.asDouble(),
                json.path("lora_dropout").asDouble(0),
                json.path("use_rslora").asBoolean(false),
                targets(json.path("target_modules"), file),
                ranks,
                alphas,
                new LoraVariant(
                        json.path("use_dora").asBoolean(false),
                        LoraStart.ZERO,
                        1,
                        texts(json.path("modules_to_save"))));
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        node.forEach(text -> texts.add(text.asString()));
        return texts;
    }

    private static LoraTargets targets(JsonNode node, Path file) {
        if (node.isString()) {
            return node.asString().equals("all-linear")
                    ? new LoraTargets.AllLinear()
                    : new LoraTargets.Matching(node.asString());
        }
        if (!node.isArray()) {
            throw invalid("'target_modules' must be a list or a text", file);
        }
        return new LoraTargets.Names(texts(node));
    }

    /// What this reader does not know must not be ignored: it would give wrong answers silently.
    private static void refuse(JsonNode json, Path file) {
        if (!json.path("peft_type").asString("LORA").equals("LORA")) {
            throw unsupported("adapters of type " + json.path("peft_type").asString(), file);
        }
        if (json.path("fan_in_fan_out").asBoolean(false)) {
            throw unsupported("transposed weights (fan_in_fan_out)", file);
        }
        if (!json.path("bias").asString("none").equals("none")) {
            throw unsupported("adapters that carry biases", file);
        }
        for (String key : UNSUPPORTED) {
            JsonNode value = json.path(key);
            boolean off =
                    value.isMissingNode()
                            || value.isNull()
                            || (value.isBoolean() && !value.booleanValue())
                            || (value.isContainer() && value.isEmpty());
            if (!off) {
                throw unsupported("adapters with '" + key + "'", file);
            }
        }
        String start = json.path("init_lora_weights").asString("true");
        if (CHANGES_BASE.matcher(start).matches()) {
            throw unsupported("adapters that began with '" + start + "'", file)
                    .remedy(
                            "save it once more in PEFT with"
                                    + " path_initial_model_for_weight_conversion, which turns it"
                                    + " into a plain adapter");
        }
    }

    /// @param moduleEnds the last parts of the names of the adapted modules
    /// @param saved the modules that learnt in full
    static ObjectNode write(LoraConfig config, Set<String> moduleEnds, Set<String> saved) {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
        json.putNull("base_model_name_or_path");
        json.put("r", config.rank());
        number(json, "lora_alpha", config.alpha());
        json.put("lora_dropout", config.dropout());
        json.put("use_rslora", config.rsLora()).put("use_dora", config.variant().dora());
        switch (config.targets()) {
            case LoraTargets.AllLinear all -> names(json, moduleEnds);
            case LoraTargets.Names(List<String> names) -> names(json, names);
            case LoraTargets.Matching(String regex) -> json.put("target_modules", regex);
        }
        ObjectNode ranks = json.putObject("rank_pattern");
        config.rankPattern().forEach(ranks::put);
        ObjectNode alphas = json.putObject("alpha_pattern");
        config.alphaPattern().forEach((key, value) -> number(alphas, key, value));
        json.put("bias", "none").put("fan_in_fan_out", false).put("inference_mode", true);
        json.put("init_lora_weights", true);
        if (saved.isEmpty()) {
            json.putNull("modules_to_save");
        } else {
            saved.forEach(json.putArray("modules_to_save")::add);
        }
        return json;
    }

    private static void names(ObjectNode json, Iterable<String> names) {
        ArrayNode array = json.putArray("target_modules");
        names.forEach(array::add);
    }

    /// PEFT declares alpha as a whole number.
    private static void number(ObjectNode json, String key, double value) {
        if (value == Math.rint(value)) {
            json.put(key, (long) value);
        } else {
            json.put(key, value);
        }
    }

    private static TailorException unsupported(String what, Path file) {
        return TailorException.of(ErrorCode.MODEL_INVALID, what + " are not supported yet")
                .at(file)
                .remedy("merge the adapter into its base with PEFT and use the merged model");
    }

    private static TailorException invalid(String what, Path file) {
        return TailorException.of(ErrorCode.FILE_CORRUPT, what).at(file);
    }
}
