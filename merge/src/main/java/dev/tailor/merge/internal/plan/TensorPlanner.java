package dev.tailor.merge.internal.plan;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergePlan;
import dev.tailor.merge.Operation;
import dev.tailor.tensors.DType;
import dev.tailor.tensors.TensorInfo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Plans one tensor: who has it, its type, its shape where vocabularies differ, its operation.
record TensorPlanner(PlanContext context) {
    /// One participant's share in a tensor.
    ///
    /// @param own the tensor's name in that model, whether or not it has it
    /// @param stored the tensor that is read; absent if the model does not have it
    /// @param isOrigin whether task vectors start at it
    record Share(
            SliceRoles.Participant participant,
            String own,
            Optional<TensorInfo> stored,
            boolean isOrigin) {
        MergePlan.Input input() {
            return new MergePlan.Input(participant.model(), stored.orElseThrow());
        }
    }

    /// Plans a tensor of the output.
    ///
    /// @param shares of all participants, in their order
    /// @param depth of the layer in its slice, from 0 to 1
    MergePlan.Tensor plan(SliceRoles roles, String name, double depth, List<Share> shares) {
        List<Share> having = shares.stream().filter(each -> each.stored().isPresent()).toList();
        TensorInfo first = info(having.getFirst());
        if (!first.dtype().isFloat()) {
            return new MergePlan.Tensor(
                    first.named(name), new Operation.Copy(1), List.of(having.getFirst().input()));
        }
        boolean originHasIt = having.getFirst().isOrigin();
        if (having.size() < shares.size()) {
            Optional<MergePlan.Tensor> special = incomplete(roles, name, shares, having);
            if (special.isPresent()) {
                return special.get();
            }
        }
        Operation operation = operation(roles, name, depth, having);
        boolean leavesOutOtherShapes = operation instanceof Operation.TaskVectors;
        List<Share> fitting =
                leavesOutOtherShapes && !TensorNames.isEmbedding(name)
                        ? ofOneShape(having)
                        : having;
        if (fitting.size() < having.size()) {
            if (fitting.size() == 1 && originHasIt) {
                return copy(name, fitting.getFirst());
            }
            operation = operation(roles, name, depth, fitting);
        }
        return new MergePlan.Tensor(
                new TensorInfo(name, type(first), shape(leavesOutOtherShapes, name, fitting)),
                operation,
                fitting.stream().map(Share::input).toList());
    }

    /// One model's tensor as it is.
    MergePlan.Tensor copy(String name, Share share) {
        return copy(name, share.input());
    }

    /// One model's tensor as it is.
    MergePlan.Tensor copy(String name, MergePlan.Input input) {
        TensorInfo info = input.stored();
        return new MergePlan.Tensor(
                info.named(name).as(type(info)), new Operation.Copy(1), List.of(input));
    }

    private Operation operation(SliceRoles roles, String name, double depth, List<Share> having) {
        return Operations.of(
                roles.parameters(),
                having.stream().filter(share -> !share.isOrigin()).toList(),
                having.getFirst().isOrigin(),
                name,
                depth);
    }

    /// A tensor that some models lack: the plan where the method cannot be applied to the others,
    /// nothing where it can, an error where a model should have it.
    private Optional<MergePlan.Tensor> incomplete(
            SliceRoles roles, String name, List<Share> shares, List<Share> having) {
        boolean needsOrigin = roles.origin().isPresent();
        boolean originHasIt = having.getFirst().isOrigin();
        if (originHasIt && having.size() == 1) {
            context.notes().add("only the base model has %s: copied", name);
            return Optional.of(copy(name, having.getFirst()));
        }
        boolean optional = TensorNames.isOptional(name);
        for (Share share : shares) {
            boolean lacksModule = originHasIt && !share.participant().hasModule();
            if (share.stored().isEmpty() && !optional && !lacksModule) {
                throw missing(share.participant().model(), share.own());
            }
        }
        if (needsOrigin && !originHasIt) {
            context.notes()
                    .add("the base model does not have %s: taken from the models that do", name);
            return Optional.of(average(name, having));
        }
        context.notes().add("not all models have %s: merged from those that do", name);
        long merged = having.stream().filter(share -> !share.isOrigin()).count();
        return merged < context.config().method().requirements().fewestModels()
                        || merged == 1 && !originHasIt && !isWeighted(roles)
                ? Optional.of(copy(name, having.getFirst()))
                : Optional.empty();
    }

    private static boolean isWeighted(SliceRoles roles) {
        return roles.parameters().method().parameter("weight").isPresent();
    }

    private MergePlan.Tensor average(String name, List<Share> having) {
        if (having.size() == 1) {
            return copy(name, having.getFirst());
        }
        return new MergePlan.Tensor(
                new TensorInfo(name, type(info(having.getFirst())), shape(false, name, having)),
                new Operation.Linear(Collections.nCopies(having.size(), 1.0), true),
                having.stream().map(Share::input).toList());
    }

    private TailorException missing(int model, String name) {
        return TailorException.of(
                        ErrorCode.MODEL_INVALID,
                        "the tensor '"
                                + name
                                + "' is missing, but other models of the merge have it")
                .at(context.models().get(model).model().directory())
                .remedy("merge models of the same architecture");
    }

    private static TensorInfo info(Share share) {
        return share.stored().orElseThrow();
    }

    private DType type(TensorInfo stored) {
        return stored.dtype().isFloat()
                ? context.config().outDType().or(context.config()::dtype).orElse(stored.dtype())
                : stored.dtype();
    }

    /// Leaves out the models whose tensor has another shape than the first one's, as mergekit does
    /// for sums of task vectors.
    private List<Share> ofOneShape(List<Share> having) {
        List<Long> shape = info(having.getFirst()).shape();
        List<Share> fitting = new ArrayList<>();
        for (Share share : having) {
            if (info(share).shape().equals(shape)) {
                fitting.add(share);
            } else {
                context.notes()
                        .add(
                                "in '"
                                        + context.name(share.participant().model())
                                        + "' the shape of %s differs from the base model's: the"
                                        + " model is left out there",
                                share.own());
            }
        }
        return fitting;
    }

    /// All inputs must have one shape. Only embeddings may differ in their rows: sums of task
    /// vectors then have the origin's, everything else the smallest number.
    private List<Long> shape(boolean ofOrigin, String name, List<Share> shares) {
        List<Long> shape = info(shares.getFirst()).shape();
        boolean embedding = TensorNames.isEmbedding(name) && !shape.isEmpty();
        long rows = embedding ? shape.getFirst() : 0;
        boolean cut = false;
        for (Share share : shares) {
            List<Long> other = info(share).shape();
            boolean sameButRows =
                    embedding
                            && other.size() == shape.size()
                            && other.subList(1, other.size())
                                    .equals(shape.subList(1, shape.size()));
            if (!other.equals(shape) && !sameButRows
                    || sameButRows && ofOrigin && other.getFirst() < rows) {
                throw mismatch(share, name, other, shares.getFirst(), shape);
            }
            if (sameButRows && other.getFirst() != rows) {
                cut = true;
                rows = Math.min(rows, other.getFirst());
            }
        }
        if (!cut) {
            return shape;
        }
        context.notes().add("the vocabularies differ: %s is cut to " + rows + " rows", name);
        List<Long> smaller = new ArrayList<>(shape);
        smaller.set(0, rows);
        return smaller;
    }

    private TailorException mismatch(
            Share share, String name, List<Long> found, Share first, List<Long> expected) {
        return TailorException.of(
                        ErrorCode.MODEL_INVALID,
                        "the tensor '%s' is %s, in '%s' it is %s"
                                .formatted(
                                        name,
                                        found,
                                        context.name(first.participant().model()),
                                        expected))
                .at(context.models().get(share.participant().model()).model().directory())
                .remedy(
                        TensorNames.isEmbedding(name)
                                ? "give a 'tokenizer_source' to merge models of different"
                                        + " vocabularies"
                                : "merge models of the same shape");
    }
}
