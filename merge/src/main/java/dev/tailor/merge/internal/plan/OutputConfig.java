package dev.tailor.merge.internal.plan;

import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.MergePlan;

import tools.jackson.databind.node.ObjectNode;

import java.util.List;

/// The output's `config.json`: the donor's, with what the merge changes.
final class OutputConfig {
    private OutputConfig() {}

    /// A module that was merged.
    ///
    /// @param target the module as the donor has it
    /// @param origins the layers that the output's are made after
    record Module(LayerNames target, boolean isMain, LayerOrigins origins) {}

    static ObjectNode of(
            OpenModel donor,
            MergeConfig config,
            List<MergePlan.Tensor> tensors,
            List<Module> modules) {
        ObjectNode output = donor.config().deepCopy();
        ObjectNode decoder = LayerCounts.textConfig(output);
        config.outDType()
                .or(config::dtype)
                .ifPresent(type -> {
                    for (ObjectNode node : List.of(output, decoder)) {
                        node.put(
                                node.has("torch_dtype") ? "torch_dtype" : "dtype",
                                type.torchName());
                    }
                });
        modules.forEach(module -> LayerCounts.write(output, module));
        tensors.stream()
                .filter(tensor ->
                        TensorNames.isEmbedding(tensor.output().name())
                                && tensor.output().shape().size() == 2)
                .findFirst()
                .ifPresent(tensor -> decoder.put("vocab_size", tensor.output().shape().get(0)));
        untie(donor, tensors, output, decoder);
        return output;
    }

    /// A head that only some of the models had apart is apart in the output.
    private static void untie(
            OpenModel donor,
            List<MergePlan.Tensor> tensors,
            ObjectNode output,
            ObjectNode decoder) {
        boolean apart =
                tensors.stream()
                        .filter(tensor -> tensor.output().name().endsWith("lm_head.weight"))
                        .anyMatch(tensor -> isApart(donor, tensor));
        if (apart) {
            output.put("tie_word_embeddings", false);
            if (decoder != output) {
                decoder.put("tie_word_embeddings", false);
            }
        }
    }

    private static boolean isApart(OpenModel donor, MergePlan.Tensor head) {
        return donor.info(head.output().name()).isEmpty()
                || head.inputs().stream()
                        .anyMatch(input -> !input.tensor().endsWith("lm_head.weight"));
    }
}
