package dev.tailor.merge.internal.plan;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What `config.json` says of the layers, where a merge changes their number: the number itself,
/// and the lists that have an entry for each layer.
final class LayerCounts {
    private static final List<String> TEXT_CONFIGS =
            List.of("text_config", "llm_config", "language_config");

    private static final List<String> NUMBERS =
            List.of("num_hidden_layers", "n_layer", "num_layers", "n_layers", "depth");

    /// Lists of the numbers of layers, not of their kinds.
    private static final Set<String> INDEXES = Set.of("mlp_only_layers", "full_attn_idxs");

    private LayerCounts() {}

    /// The part of a configuration that is about the text decoder.
    static ObjectNode textConfig(ObjectNode config) {
        for (String key : TEXT_CONFIGS) {
            if (config.get(key) instanceof ObjectNode nested) {
                return nested;
            }
        }
        return config;
    }

    /// Writes the layers of one module.
    static void write(ObjectNode config, OutputConfig.Module module) {
        int before = module.target().count();
        List<LayerOrigins.Origin> origins = module.origins().origins();
        if (isUnchanged(before, origins)) {
            return;
        }
        ObjectNode part = part(config, module);
        if (origins.size() != before) {
            numbers(part, module).forEach(key -> part.put(key, origins.size()));
        }
        for (String key : List.copyOf(part.propertyNames())) {
            if (part.get(key) instanceof ArrayNode values
                    && (key.contains("layer") || key.contains("block") || INDEXES.contains(key))) {
                moved(key, values, before, origins).ifPresent(list -> part.set(key, list));
            }
        }
    }

    private static boolean isUnchanged(int before, List<LayerOrigins.Origin> origins) {
        return before == origins.size()
                && IntStream.range(0, before).allMatch(i -> origins.get(i).layer() == i);
    }

    private static ObjectNode part(ObjectNode config, OutputConfig.Module module) {
        if (module.isMain()) {
            return textConfig(config);
        }
        for (String word : List.of("vision", "audio", "speech", "image")) {
            if (module.target().root().contains(word.substring(0, 3))
                    && config.get(word + "_config") instanceof ObjectNode nested) {
                return nested;
            }
        }
        return config;
    }

    /// The keys that hold the module's number of layers. Families of an encoder and a decoder have
    /// a key for each, and perhaps a second one for the encoder.
    private static List<String> numbers(ObjectNode part, OutputConfig.Module module) {
        int before = module.target().count();
        String side = ModelStructure.lastComponent(module.target());
        List<String> own =
                List.of(side + "_layers", "num_" + side + "_layers").stream()
                        .filter(part::has)
                        .toList();
        List<String> common = present(part, before);
        if (side.equals("decoder")) {
            return own.isEmpty() ? List.of("num_decoder_layers") : own;
        }
        if (side.equals("encoder")) {
            if (part.has("num_layers") && !part.has("num_decoder_layers")) {
                // Without a number of its own the decoder would follow the encoder (T5).
                part.put("num_decoder_layers", part.get("num_layers").asInt());
            }
            return Stream.concat(own.stream(), common.stream()).toList();
        }
        return common.isEmpty() ? NUMBERS.stream().filter(part::has).toList() : common;
    }

    private static List<String> present(ObjectNode part, int before) {
        return NUMBERS.stream()
                .filter(key -> part.has(key) && part.get(key).asInt() == before)
                .toList();
    }

    /// Entries move with their layers.
    private static Optional<ArrayNode> moved(
            String key, ArrayNode values, int before, List<LayerOrigins.Origin> origins) {
        ArrayNode moved = values.arrayNode();
        if (INDEXES.contains(key)) {
            for (int i = 0; i < origins.size(); i++) {
                int layer = origins.get(i).layer();
                if (values.valueStream().anyMatch(value -> value.asInt(-1) == layer)) {
                    moved.add(i);
                }
            }
            return Optional.of(moved);
        }
        if (values.size() != before) {
            return Optional.empty();
        }
        for (LayerOrigins.Origin origin : origins) {
            moved.add(values.get(Math.min(origin.layer(), before - 1)));
        }
        return Optional.of(moved);
    }
}
