package dev.tailor.merge.internal.plan;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.MergeMethod;
import dev.tailor.merge.ParameterSpec;
import dev.tailor.merge.ParameterValue;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// The parameters of one slice: a model's own value goes before the slice's, that before the whole
/// merge's, and that before the standard value. A level whose filters leave a tensor out is passed
/// over.
record ParameterLookup(MergeConfig config, MergeConfig.Slice slice, MergeMethod method) {
    /// The value of a merge's parameter for one tensor.
    double of(String name, String tensor, double depth) {
        return find(name, tensor, depth, List.of(slice.parameters(), config.parameters()), "");
    }

    /// Whether a flag is set for one tensor.
    boolean flag(String name, String tensor, double depth) {
        return of(name, tensor, depth) != 0;
    }

    /// The value of a model's parameter for one tensor.
    double of(String name, MergeConfig.Source source, String tensor, double depth) {
        return find(
                name,
                tensor,
                depth,
                List.of(source.parameters(), slice.parameters(), config.parameters()),
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
        ParameterSpec spec =
                method.parameters().stream()
                        .filter(each -> each.name().equals(name))
                        .findFirst()
                        .orElseThrow();
        return spec.standard()
                .orElseThrow(() ->
                        TailorException.of(
                                        ErrorCode.CONFIG_INVALID,
                                        "no '"
                                                + name
                                                + "'"
                                                + whose
                                                + " for tensor '"
                                                + tensor
                                                + "'")
                                .at(slice.sources().getFirst().model().location())
                                .remedy("add a value without a filter as the last one"));
    }
}
