package dev.tailor.merge.internal.plan;

import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.MergePlan;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;

/// The output's `config.json`: the donor's, with what the merge changes.
final class OutputConfig {
    private OutputConfig() {}

    static ObjectNode of(
            OpenModel donor,
            MergeConfig config,
            List<MergePlan.Tensor> tensors,
            LayerOrigins origins) {
        ObjectNode output = donor.config().deepCopy();
        ObjectNode decoder =
                output.get("text_config") instanceof ObjectNode nested ? nested : output;
        config.outDType()
                .or(config::dtype)
                .ifPresent(type -> {
                    for (ObjectNode node : List.of(output, decoder)) {
                        node.put(
                                node.has("torch_dtype") ? "torch_dtype" : "dtype",
                                type.torchName());
                    }
                });
        int layers = origins.origins().size();
        for (String key : List.of("num_hidden_layers", "n_layer", "num_layers", "n_layers")) {
            if (decoder.has(key)) {
                layerTypes(decoder, decoder.get(key).asInt(), origins);
                decoder.put(key, layers);
            }
        }
        tensors.stream()
                .filter(tensor ->
                        LayerNames.isEmbedding(tensor.output().name())
                                && tensor.output().shape().size() == 2)
                .findFirst()
                .ifPresent(tensor -> decoder.put("vocab_size", tensor.output().shape().get(0)));
        untie(donor, tensors, output, decoder);
        return output;
    }

    /// `layer_types` (sliding or full attention) has an entry for each layer: they move with them.
    private static void layerTypes(ObjectNode decoder, int donorLayers, LayerOrigins origins) {
        if (!(decoder.get("layer_types") instanceof ArrayNode types)
                || types.size() != donorLayers) {
            return;
        }
        ArrayNode moved = decoder.arrayNode();
        for (LayerOrigins.Origin origin : origins.origins()) {
            moved.add(types.get(Math.min(origin.layer(), donorLayers - 1)));
        }
        decoder.set("layer_types", moved);
    }

    /// A head that only some of the models had apart is apart in the output.
    private static void untie(
            OpenModel donor,
            List<MergePlan.Tensor> tensors,
            ObjectNode output,
            ObjectNode decoder) {
        boolean apart =
                tensors.stream()
                        .anyMatch(tensor ->
                                tensor.output().name().endsWith("lm_head.weight")
                                        && (donor.info(tensor.output().name()).isEmpty()
                                                || tensor.inputs().stream()
                                                        .anyMatch(input ->
                                                                !input.tensor()
                                                                        .equals(
                                                                                tensor.output()
                                                                                        .name()))));
        if (apart) {
            output.put("tie_word_embeddings", false);
            if (decoder != output) {
                decoder.put("tie_word_embeddings", false);
            }
        }
    }
}
