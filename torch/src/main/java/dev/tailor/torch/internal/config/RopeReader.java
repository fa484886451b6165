package dev.tailor.torch.internal.config;

import dev.tailor.torch.DecoderConfig.Rope;
import dev.tailor.torch.RopeScaling;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;

/// Reads rotary settings in both spellings: `rope_parameters` (transformers 5) holds everything;
/// before, `rope_theta` stands beside an optional `rope_scaling`.
///
/// @param headDim values of a head
/// @param maxPositions the context length that the configuration names
record RopeReader(ConfigReader config, int headDim, int maxPositions) {
    /// The rotation of all layers.
    Rope read(double defaultTheta) {
        JsonNode parameters = config.json().path("rope_parameters");
        JsonNode scaling = parameters.isObject() ? parameters : config.json().path("rope_scaling");
        return read(scaling, config.number("rope_theta", defaultTheta));
    }

    /// The rotation that one object of the file describes.
    ///
    /// @param scaling the object; there may be none
    Rope read(JsonNode scaling, double defaultTheta) {
        double theta = ConfigReader.number(scaling, "rope_theta").orElse(defaultTheta);
        double share =
                ConfigReader.number(scaling, "partial_rotary_factor")
                        .orElseGet(() -> config.number("partial_rotary_factor", 1));
        int dim = (int) (headDim * share);
        if (dim < 2 || dim > headDim || dim % 2 != 0) {
            throw ConfigReader.invalid(
                    dim
                            + " of the "
                            + headDim
                            + " values of a head rotate: it must be an even"
                            + " number of at least 2 ('head_dim', 'partial_rotary_factor')");
        }
        return new Rope(theta, dim, scaling.isObject() ? scaling(scaling, dim) : none());
    }

    private static RopeScaling none() {
        return new RopeScaling.None();
    }

    private RopeScaling scaling(JsonNode node, int dim) {
        String type = node.path("rope_type").asString(node.path("type").asString("default"));
        return switch (type) {
            case "default" -> none();
            case "linear" -> new RopeScaling.Linear(required(node, "factor"));
            case "dynamic" -> new RopeScaling.Dynamic(required(node, "factor"), original(node));
            case "llama3" ->
                    new RopeScaling.Llama3(
                            required(node, "factor"),
                            required(node, "low_freq_factor"),
                            required(node, "high_freq_factor"),
                            original(node));
            case "yarn" -> yarn(node);
            case "longrope", "su" -> longRope(node, dim);
            default ->
                    throw ConfigReader.invalid(
                            "unknown rotary scaling '"
                                    + type
                                    + "' (known: default, linear, dynamic, yarn, llama3,"
                                    + " longrope)");
        };
    }

    private int original(JsonNode node) {
        return ConfigReader.number(node, "original_max_position_embeddings")
                .map(Double::intValue)
                .orElse(maxPositions);
    }

    private RopeScaling yarn(JsonNode node) {
        double factor = required(node, "factor");
        double mscale = ConfigReader.number(node, "mscale").orElse(0.0);
        double mscaleAll = ConfigReader.number(node, "mscale_all_dim").orElse(0.0);
        double attention =
                mscale != 0 && mscaleAll != 0
                        ? temperature(factor, mscale) / temperature(factor, mscaleAll)
                        : temperature(factor, 1);
        return new RopeScaling.Yarn(
                factor,
                original(node),
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

    /// Phi 3 names the original length beside the rotary settings, and that one counts.
    private RopeScaling longRope(JsonNode node, int dim) {
        int original =
                config.optionalPositive("original_max_position_embeddings")
                        .orElseGet(() -> original(node));
        double factor =
                ConfigReader.number(node, "factor").orElse((double) maxPositions / original);
        double attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        return new RopeScaling.LongRope(
                factors(node, "short_factor", dim),
                factors(node, "long_factor", dim),
                original,
                ConfigReader.number(node, "attention_factor").orElse(attention));
    }

    private static List<Double> factors(JsonNode node, String key, int dim) {
        List<Double> factors = new ArrayList<>();
        node.path(key).forEach(value -> factors.add(value.asDouble(0)));
        if (factors.size() != dim / 2 || factors.stream().anyMatch(factor -> factor <= 0)) {
            throw ConfigReader.invalid(
                    "rotary scaling needs '" + key + "', " + dim / 2 + " positive numbers");
        }
        return factors;
    }

    private static double required(JsonNode node, String key) {
        return ConfigReader.number(node, key)
                .orElseThrow(() -> ConfigReader.invalid("rotary scaling needs '" + key + "'"));
    }
}
