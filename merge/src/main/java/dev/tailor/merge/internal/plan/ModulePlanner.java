package dev.tailor.merge.internal.plan;

import dev.tailor.merge.MergePlan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Plans the tensors of one module: what stands before the layers from the models of the first
/// slice, the layers slice by slice, what comes after them from the models of the last slice.
///
/// @param roles who takes part in which slice
/// @param origins takes which layers the output's are made after
record ModulePlanner(PlanContext context, ModuleRoles roles, LayerOrigins origins) {
    List<MergePlan.Tensor> plan() {
        List<SliceRoles> slices = roles.definition().slices().stream().map(roles::of).toList();
        List<MergePlan.Tensor> tensors = new ArrayList<>(outside(slices.getFirst(), true));
        if (!target().layers().isEmpty()) {
            slices.forEach(slice -> addLayers(slice, tensors));
        }
        tensors.addAll(outside(slices.getLast(), false));
        return tensors;
    }

    private LayerNames target() {
        return roles.target();
    }

    private void addLayers(SliceRoles slice, List<MergePlan.Tensor> tensors) {
        SliceRoles.Participant first = slice.first();
        int size = first.range().size();
        for (int i = 0; i < size; i++) {
            Set<String> parts = new LinkedHashSet<>();
            for (SliceRoles.Participant participant : slice.all()) {
                participant.layer(i).ifPresent(layer -> parts.addAll(layer.keySet()));
            }
            int number = origins.next(first.model(), first.range().first() + i);
            // Gradients run from the first layer to the last; a single layer is at the end.
            double depth = size == 1 ? 1 : i / (double) (size - 1);
            for (String part : parts) {
                String name = target().prefix() + number + "." + part;
                List<TensorPlanner.Share> shares = new ArrayList<>();
                for (SliceRoles.Participant participant : slice.all()) {
                    boolean isOrigin = shares.isEmpty() && slice.origin().isPresent();
                    shares.add(layerShare(participant, i, part, isOrigin));
                }
                tensors.add(new TensorPlanner(context).plan(slice, name, depth, shares));
            }
        }
    }

    private TensorPlanner.Share layerShare(
            SliceRoles.Participant participant, int offset, String part, boolean isOrigin) {
        String own =
                participant.module().prefix() + (participant.range().first() + offset) + "." + part;
        Optional<Map<String, String>> layer = participant.layer(offset);
        return new TensorPlanner.Share(
                participant,
                own,
                layer.flatMap(tensors -> Optional.ofNullable(tensors.get(part)))
                        .flatMap(name -> context.info(participant.model(), name)),
                isOrigin);
    }

    private List<MergePlan.Tensor> outside(SliceRoles slice, boolean inputSide) {
        Set<String> names = new LinkedHashSet<>();
        for (SliceRoles.Participant participant : slice.all()) {
            LayerNames module = participant.module();
            for (String name : inputSide ? module.before() : module.after()) {
                names.add(
                        target().outsideTensor(name, module)
                                .orElse(
                                        LayerNames.translated(
                                                name, module.prefix(), target().prefix())));
            }
        }
        List<MergePlan.Tensor> tensors = new ArrayList<>();
        for (String name : names) {
            List<TensorPlanner.Share> shares = new ArrayList<>();
            for (SliceRoles.Participant participant : slice.all()) {
                Optional<String> own = participant.module().outsideTensor(name, target());
                shares.add(
                        new TensorPlanner.Share(
                                participant,
                                own.orElse(name),
                                own.or(() -> tied(participant, name))
                                        .flatMap(each -> context.info(participant.model(), each)),
                                shares.isEmpty() && slice.origin().isPresent()));
            }
            tensors.add(new TensorPlanner(context).plan(slice, name, 0, shares));
        }
        return tensors;
    }

    /// A head that is missing is tied to the input embedding.
    private Optional<String> tied(SliceRoles.Participant participant, String name) {
        if (!TensorNames.isEmbedding(name) || !name.endsWith(".weight")) {
            return Optional.empty();
        }
        Optional<String> input = context.structures().get(participant.model()).inputEmbedding();
        input.ifPresent(embedding ->
                context.notes()
                        .add(
                                "'"
                                        + participant.source().model()
                                        + "' has no %s: its input embedding stands in, and the"
                                        + " output is not tied",
                                name));
        return input;
    }

    /// Takes a module from one model as it is.
    static List<MergePlan.Tensor> copied(PlanContext context, int model, LayerNames module) {
        TensorPlanner planner = new TensorPlanner(context);
        return module.all().stream()
                .map(name ->
                        planner.copy(
                                name,
                                new MergePlan.Input(
                                        model, context.info(model, name).orElseThrow())))
                .toList();
    }
}
