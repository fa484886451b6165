package dev.tailor.torch.internal.config;

import static java.util.Map.entry;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.DecoderConfig;

import tools.jackson.databind.node.ObjectNode;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// The known model families, by the architecture named in `config.json`.
public final class Families {
    private static final Map<String, Function<ConfigReader, DecoderConfig>> BY_ARCHITECTURE =
            Map.ofEntries(
                    entry("ArceeForCausalLM", ArceeFamily::read),
                    entry("Gemma2ForCausalLM", GemmaFamily::gemma2),
                    entry("Gemma3ForCausalLM", GemmaFamily::gemma3),
                    entry("GraniteForCausalLM", GraniteFamily::read),
                    entry("LlamaForCausalLM", LlamaFamily::read),
                    entry("MistralForCausalLM", MistralFamily::read),
                    entry("MixtralForCausalLM", MixtralFamily::read),
                    entry("Olmo2ForCausalLM", OlmoFamily::read),
                    entry("Phi3ForCausalLM", PhiFamily::read),
                    entry("Qwen2ForCausalLM", QwenFamily::qwen2),
                    entry("Qwen2MoeForCausalLM", QwenFamily::qwen2Moe),
                    entry("Qwen3ForCausalLM", QwenFamily::qwen3),
                    entry("Qwen3MoeForCausalLM", QwenFamily::qwen3Moe),
                    entry("SmolLM3ForCausalLM", SmolFamily::read));

    private Families() {}

    /// Reads the configuration of any known family.
    public static DecoderConfig read(ObjectNode json) {
        ConfigReader reader = new ConfigReader(json);
        String architecture = reader.architecture();
        Function<ConfigReader, DecoderConfig> family = BY_ARCHITECTURE.get(architecture);
        if (family == null) {
            throw TailorException.of(
                            ErrorCode.MODEL_INVALID, "unknown architecture '" + architecture + "'")
                    .at("config.json")
                    .remedy("known: " + String.join(", ", new TreeMap<>(BY_ARCHITECTURE).keySet()));
        }
        return family.apply(reader);
    }
}
