package dev.tailor.merge.internal.plan;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.MergeConfig;
import dev.tailor.merge.MergeMethod;
import dev.tailor.merge.Operation;

import java.util.ArrayList;
import java.util.List;

/// Turns a method and its parameters into the operation for one tensor.
final class Operations {
    private Operations() {}

    /// @param sources the models that take part, the origin left out
    static Operation of(
            ParameterLookup parameters,
            List<MergeConfig.Source> sources,
            String tensor,
            double depth) {
        return switch (parameters.method()) {
            case MergeMethod.Linear linear -> linear(parameters, sources, tensor, depth);
            case MergeMethod.Slerp slerp ->
                    sources.size() == 1
                            ? new Operation.Copy(1)
                            : new Operation.Slerp(parameters.of("t", tensor, depth));
            case MergeMethod.TaskArithmetic arithmetic ->
                    new Operation.TaskArithmetic(
                            each("weight", parameters, sources, tensor, depth),
                            parameters.flag("normalize", tensor, depth),
                            parameters.of("lambda", tensor, depth));
            case MergeMethod.Ties ties ->
                    new Operation.Ties(
                            each("weight", parameters, sources, tensor, depth),
                            each("density", parameters, sources, tensor, depth),
                            parameters.flag("normalize", tensor, depth),
                            parameters.flag("rescale", tensor, depth),
                            parameters.of("lambda", tensor, depth));
            case MergeMethod.Passthrough passthrough ->
                    new Operation.Copy(parameters.of("scale", sources.getFirst(), tensor, depth));
        };
    }

    private static Operation linear(
            ParameterLookup parameters,
            List<MergeConfig.Source> sources,
            String tensor,
            double depth) {
        List<Double> weights = each("weight", parameters, sources, tensor, depth);
        boolean normalize = parameters.flag("normalize", tensor, depth);
        double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
        if (normalize && Math.abs(sum) < 1e-8) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "the weights for tensor '" + tensor + "' sum to 0")
                    .at(sources.getFirst().model().location())
                    .remedy("change them, or set 'normalize: false'");
        }
        return new Operation.Linear(weights, normalize);
    }

    private static List<Double> each(
            String name,
            ParameterLookup parameters,
            List<MergeConfig.Source> sources,
            String tensor,
            double depth) {
        List<Double> values = new ArrayList<>();
        for (MergeConfig.Source source : sources) {
            values.add(parameters.of(name, source, tensor, depth));
        }
        return values;
    }
}
