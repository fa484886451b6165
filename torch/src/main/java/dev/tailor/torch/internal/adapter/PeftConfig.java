package dev.tailor.torch.internal.adapter;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.LoraConfig;
import dev.tailor.torch.LoraTargets;

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

/// `adapter_config.json`, the fields that matter to a plain LoRA adapter.
final class PeftConfig {
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
                alphas);
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
        List<String> names = new ArrayList<>();
        node.forEach(name -> names.add(name.asString()));
        return new LoraTargets.Names(names);
    }

    /// What this reader does not know must not be ignored: it would give wrong answers silently.
    private static void refuse(JsonNode json, Path file) {
        if (!json.path("peft_type").asString("LORA").equals("LORA")) {
            throw unsupported("adapters of type " + json.path("peft_type").asString(), file);
        }
        if (json.path("use_dora").asBoolean(false)) {
            throw unsupported("DoRA adapters (use_dora)", file);
        }
        if (json.path("fan_in_fan_out").asBoolean(false)) {
            throw unsupported("transposed weights (fan_in_fan_out)", file);
        }
        if (!json.path("bias").asString("none").equals("none")) {
            throw unsupported("adapters that carry biases", file);
        }
        if (!json.path("modules_to_save").isEmpty()) {
            throw unsupported("adapters that carry whole modules (modules_to_save)", file);
        }
    }

    static ObjectNode write(LoraConfig config, Set<String> moduleEnds) {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
        json.putNull("base_model_name_or_path");
        json.put("r", config.rank());
        number(json, "lora_alpha", config.alpha());
        json.put("lora_dropout", config.dropout());
        json.put("use_rslora", config.rsLora()).put("use_dora", false);
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
        json.put("init_lora_weights", true).putNull("modules_to_save");
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
