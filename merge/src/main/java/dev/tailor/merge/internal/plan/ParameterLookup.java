package dev.tailor.merge.internal.plan;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.MergeMethod;
import dev.tailor.merge.ParameterValue;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// The parameters of one slice: a model's own value goes before the slice's, that before the
/// module's, that before the whole merge's, and that before the standard value. A level whose
/// filters leave a tensor out is passed over.
record ParameterLookup(MergeConfig config, MergeConfig.Module module, MergeConfig.Slice slice) {
    MergeMethod method() {
        return config.method();
    }

    /// The value of a merge's parameter for one tensor of the output.
    double of(String name, String tensor, double depth) {
        return find(
                name,
                tensor,
                depth,
                List.of(slice.parameters(), module.parameters(), config.parameters()),
                "");
    }

    /// Whether a flag is set for one tensor of the output.
    boolean flag(String name, String tensor, double depth) {
        return of(name, tensor, depth) != 0;
    }

    /// The value of a model's parameter for one tensor of that model. As in mergekit, filters see
    /// the tensor's name in the model, whose layers may have other numbers than the output's.
    double of(String name, MergeConfig.Source source, String tensor, double depth) {
        return find(
                name,
                tensor,
                depth,
                List.of(
                        source.parameters(),
                        slice.parameters(),
                        config.modelParameters().getOrDefault(source.model(), Map.of()),
                        module.parameters(),
                        config.parameters()),
                " of '" + source.model() + "'");
    }

    private double find(
            String name,
            String tensor,
            double depth,
            List<Map<String, ParameterValue>> levels,
            String whose) {
        for (Map<String, ParameterValue> level : levels) {
            ParameterValue value = level.get(name);
            OptionalDouble found = value == null ? OptionalDouble.empty() : value.at(tensor, depth);
            if (found.isPresent()) {
                return found.getAsDouble();
            }
        }
        return method().parameter(name)
                .orElseThrow()
                .standard()
                .orElseThrow(() ->
                        TailorException.of(
                                        ErrorCode.CONFIG_INVALID,
                                        "no '%s'%s for tensor '%s'".formatted(name, whose, tensor))
                                .at(slice.sources().getFirst().model().location())
                                .remedy("add a value without a filter as the last one"));
    }
}
