package dev.tailor.merge.internal.plan;

import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.ModelReference;
import dev.tailor.tensors.TensorInfo;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What planning knows: the models with their headers read.
///
/// @param indexes the models' numbers
/// @param structures the models' modules, by number
record PlanContext(
        MergeConfig config,
        List<OpenModel> models,
        Map<ModelReference, Integer> indexes,
        List<ModelStructure> structures,
        Notes notes) {
    int index(ModelReference reference) {
        return Objects.requireNonNull(indexes.get(reference));
    }

    Optional<TensorInfo> info(int model, String tensor) {
        return models.get(model).info(tensor);
    }

    String name(int model) {
        return models.get(model).model().reference().text();
    }
}
