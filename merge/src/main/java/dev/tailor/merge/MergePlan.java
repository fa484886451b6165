package dev.tailor.merge;

import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a merge will do, known before any tensor is read.
///
/// @param config what was asked for
/// @param models the models to be read, base first
/// @param configDonor which of the models gives `config.json`
/// @param sideFileDonor which of the models gives tokenizer, template and generation settings
/// @param tensors the output, in the order it is written
/// @param computeType the type to round to in a merge that rounds at each step
/// @param outputConfig the output's `config.json`
/// @param vocabulary where the rows of embeddings come from, if tokens are moved
/// @param chatTemplate a chat template in place of the one that the side files hold
/// @param notes what the user should know: tensors cut to size, adapters merged on the fly
public record MergePlan(
        MergeConfig config,
        List<Model> models,
        int configDonor,
        int sideFileDonor,
        List<Tensor> tensors,
        DType computeType,
        ObjectNode outputConfig,
        Optional<VocabularyPlan> vocabulary,
        Optional<String> chatTemplate,
        List<String> notes) {
    /// A model to be read.
    public record Model(ModelReference reference, Path directory, Optional<Path> adapter) {}

    /// A tensor of the output.
    public record Tensor(TensorInfo output, Operation operation, List<Input> inputs) {}

    /// A tensor of a model; where the output is smaller its first elements are used.
    ///
    /// @param model the model's number
    /// @param stored the tensor as that model has it
    public record Input(int model, TensorInfo stored) {
        /// Its name in that model.
        public String tensor() {
            return stored.name();
        }
    }

    /// What a tensor of this plan is made by, in the YAML's words: `copy`, or a method.
    public String methodOf(Tensor tensor) {
        return switch (tensor.operation()) {
            case Operation.Copy copy -> "copy";
            case Operation.Linear linear -> MergeMethod.LINEAR.key();
            default -> config.method().key();
        };
    }

    /// The elements of the output.
    public long parameters() {
        return tensors.stream().mapToLong(tensor -> tensor.output().elements()).sum();
    }

    /// The bytes of the output's tensors: what the disk needs room for.
    public long outputBytes() {
        return tensors.stream().mapToLong(tensor -> tensor.output().bytes()).sum();
    }

    /// Whether the output depends on the seed.
    public boolean isRandom() {
        return tensors.stream().anyMatch(tensor -> tensor.operation().isRandom());
    }
}
