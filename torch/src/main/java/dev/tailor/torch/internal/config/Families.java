package dev.tailor.torch.internal.config;

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
            Map.of("LlamaForCausalLM", LlamaFamily::read);

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
