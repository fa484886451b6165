package dev.tailor.merge.internal.plan;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.Operation;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Plans one tensor: its type, its shape where vocabularies differ, its operation.
record TensorPlanner(MergeConfig config, List<OpenModel> models, Set<String> notes) {
    MergePlan.Tensor plan(
            SliceRoles roles, String name, double depth, List<MergePlan.Input> inputs) {
        TensorInfo first = info(inputs.getFirst());
        if (!first.dtype().isFloat()) {
            return new MergePlan.Tensor(
                    first.named(name), new Operation.Copy(1), List.of(inputs.getFirst()));
        }
        TensorInfo output = new TensorInfo(name, type(first), shape(roles, name, inputs));
        return new MergePlan.Tensor(
                output,
                Operations.of(
                        roles.parameters(),
                        roles.sources(),
                        roles.origin().isPresent(),
                        name,
                        depth),
                List.copyOf(inputs));
    }

    private TensorInfo info(MergePlan.Input input) {
        return models.get(input.model()).info(input.tensor()).orElseThrow();
    }

    private DType type(TensorInfo first) {
        return config.outDType().or(config::dtype).orElse(first.dtype());
    }

    /// All inputs must have one shape. Only embeddings may differ in their rows: then the origin's
    /// size counts, or without one the smallest.
    private List<Long> shape(SliceRoles roles, String name, List<MergePlan.Input> inputs) {
        List<Long> shape = info(inputs.getFirst()).shape();
        boolean embedding = LayerNames.isEmbedding(name) && !shape.isEmpty();
        long rows = embedding ? shape.getFirst() : 0;
        boolean cut = false;
        for (MergePlan.Input input : inputs) {
            TensorInfo info = info(input);
            boolean sameButRows =
                    embedding
                            && info.shape().size() == shape.size()
                            && info.shape()
                                    .subList(1, shape.size())
                                    .equals(shape.subList(1, shape.size()));
            if (!info.shape().equals(shape) && !sameButRows) {
                throw mismatch(input, name, info.shape(), shape);
            }
            if (sameButRows && info.shape().getFirst() != rows) {
                cut = true;
                if (info.shape().getFirst() < rows) {
                    if (roles.origin().isPresent()) {
                        throw mismatch(input, name, info.shape(), shape);
                    }
                    rows = info.shape().getFirst();
                }
            }
        }
        if (!cut) {
            return shape;
        }
        notes.add("the vocabularies differ: '" + name + "' is cut to " + rows + " rows");
        List<Long> smaller = new ArrayList<>(shape);
        smaller.set(0, rows);
        return smaller;
    }

    private TailorException mismatch(
            MergePlan.Input input, String name, List<Long> found, List<Long> expected) {
        return TailorException.of(
                        ErrorCode.MODEL_INVALID,
                        "the tensor '%s' is %s, in '%s' it is %s"
                                .formatted(
                                        name,
                                        found,
                                        models.getFirst().model().reference(),
                                        expected))
                .at(models.get(input.model()).model().directory())
                .remedy("merge models of the same shape");
    }
}
