package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig.Rope;
import dev.tailor.torch.RopeScaling;

import tools.jackson.databind.JsonNode;

/// Reads rotary settings in both spellings: `rope_parameters` (transformers 5) holds everything;
/// before, `rope_theta` stands beside an optional `rope_scaling`.
final class RopeReader {
    private RopeReader() {}

    static Rope read(ConfigReader config, double defaultTheta, int maxPositions) {
        JsonNode parameters = config.json().path("rope_parameters");
        JsonNode scaling = parameters.isObject() ? parameters : config.json().path("rope_scaling");
        double theta =
                ConfigReader.number(parameters, "rope_theta")
                        .orElseGet(() -> config.number("rope_theta", defaultTheta));
        return new Rope(theta, scaling.isObject() ? scaling(scaling, maxPositions) : none());
    }

    private static RopeScaling none() {
        return new RopeScaling.None();
    }

    private static RopeScaling scaling(JsonNode node, int maxPositions) {
        String type = node.path("rope_type").asString(node.path("type").asString("default"));
        int original =
                ConfigReader.number(node, "original_max_position_embeddings")
                        .map(Double::intValue)
                        .orElse(maxPositions);
        return switch (type) {
            case "default" -> none();
            case "linear" -> new RopeScaling.Linear(required(node, "factor"));
            case "dynamic" -> new RopeScaling.Dynamic(required(node, "factor"), original);
            case "llama3" ->
                    new RopeScaling.Llama3(
                            required(node, "factor"),
                            required(node, "low_freq_factor"),
                            required(node, "high_freq_factor"),
                            original);
            case "yarn" -> yarn(node, original);
            default ->
                    throw ConfigReader.invalid(
                            "unknown rotary scaling '"
                                    + type
                                    + "' (known: default, linear, dynamic, yarn, llama3)");
        };
    }

    private static RopeScaling yarn(JsonNode node, int original) {
        double factor = required(node, "factor");
        double mscale = ConfigReader.number(node, "mscale").orElse(0.0);
        double mscaleAll = ConfigReader.number(node, "mscale_all_dim").orElse(0.0);
        double attention =
                mscale != 0 && mscaleAll != 0
                        ? temperature(factor, mscale) / temperature(factor, mscaleAll)
                        : temperature(factor, 1);
        return new RopeScaling.Yarn(
                factor,
                original,
                ConfigReader.number(node, "beta_fast").orElse(32.0),
                ConfigReader.number(node, "beta_slow").orElse(1.0),
                ConfigReader.number(node, "attention_factor").orElse(attention),
                node.path("truncate").asBoolean(true));
    }

    /// Peng et al. 2023, equation 22: the temperature of attention grows with the logarithm of the
    /// factor.
    private static double temperature(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    private static double required(JsonNode node, String key) {
        return ConfigReader.number(node, key)
                .orElseThrow(() -> ConfigReader.invalid("rotary scaling needs '" + key + "'"));
    }
}
