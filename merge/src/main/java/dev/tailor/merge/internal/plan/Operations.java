package dev.tailor.merge.internal.plan;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.merge.Operation;
import dev.tailor.merge.Operation.Thinning;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Turns a method and its parameters into the operation for one tensor.
final class Operations {
    private Operations() {}

    /// @param sources what the models that take part have of it, the origin left out
    /// @param fromOrigin whether there is an origin
    static Operation of(
            ParameterLookup parameters,
            List<TensorPlanner.Share> sources,
            boolean fromOrigin,
            String tensor,
            double depth) {
        Values values = new Values(parameters, sources, tensor, depth);
        return switch (parameters.method()) {
            case LINEAR -> linear(values);
            case SLERP ->
                    sources.size() == 1
                            ? new Operation.Copy(1)
                            : new Operation.Slerp(values.of("t"));
            case NUSLERP ->
                    new Operation.Nuslerp(
                            values.each("weight"),
                            values.flag("nuslerp_flatten")
                                    ? Operation.Vectors.TENSOR
                                    : values.flag("nuslerp_row_wise")
                                            ? Operation.Vectors.COLUMNS
                                            : Operation.Vectors.ROWS,
                            fromOrigin);
            case MULTISLERP ->
                    new Operation.Multislerp(
                            values.each("weight"),
                            normalized(values, "normalize_weights"),
                            values.of("eps"),
                            fromOrigin);
            case KARCHER ->
                    sources.size() == 1
                            ? new Operation.Copy(1)
                            : new Operation.Karcher((int) values.of("max_iter"), values.of("tol"));
            case TASK_ARITHMETIC -> values.taskVectors(k -> new Thinning.Nothing(), false);
            case TIES -> values.taskVectors(values::magnitude, true);
            case DARE_LINEAR -> values.taskVectors(values::random, false);
            case DARE_TIES -> values.taskVectors(values::random, true);
            case DELLA -> values.taskVectors(values::rankedRandom, true);
            case DELLA_LINEAR -> values.taskVectors(values::rankedRandom, false);
            case BREADCRUMBS -> values.taskVectors(values::outliers, false);
            case BREADCRUMBS_TIES -> values.taskVectors(values::outliers, true);
            case MODEL_STOCK -> new Operation.ModelStock(values.flag("filter_wise"));
            case ARCEE_FUSION -> new Operation.Fusion();
            case SCE -> new Operation.Sce(values.of("select_topk"));
            case RAM -> new Operation.Ram(0, 0, values.of("epsilon"));
            case RAMPLUS_TL ->
                    new Operation.Ram(values.of("r"), values.of("alpha"), values.of("epsilon"));
            case NEARSWAP -> new Operation.Nearswap(values.of("t"));
            case PASSTHROUGH -> new Operation.Copy(values.of("scale", 0));
        };
    }

    /// The parameters' values for one tensor.
    private record Values(
            ParameterLookup parameters,
            List<TensorPlanner.Share> sources,
            String tensor,
            double depth) {
        double of(String name) {
            return parameters.of(name, tensor, depth);
        }

        boolean flag(String name) {
            return parameters.flag(name, tensor, depth);
        }

        double of(String name, int source) {
            TensorPlanner.Share share = sources.get(source);
            return parameters.of(name, share.participant().source(), share.own(), depth);
        }

        List<Double> each(String name) {
            List<Double> values = new ArrayList<>();
            for (int k = 0; k < sources.size(); k++) {
                values.add(of(name, k));
            }
            return values;
        }

        Operation taskVectors(IntFunction<Thinning> thinning, boolean consensus) {
            boolean rescales =
                    parameters.method().parameter("rescale").isPresent() && flag("rescale");
            return new Operation.TaskVectors(
                    each("weight"),
                    IntStream.range(0, sources.size()).mapToObj(thinning).toList(),
                    consensus,
                    flag("normalize"),
                    rescales,
                    of("lambda"));
        }

        Thinning magnitude(int k) {
            return new Thinning.Magnitude(of("density", k));
        }

        Thinning outliers(int k) {
            return new Thinning.Outliers(of("density", k), of("gamma", k));
        }

        Thinning random(int k) {
            return new Thinning.Random(of("density", k));
        }

        Thinning rankedRandom(int k) {
            double density = of("density", k);
            double epsilon = of("epsilon", k);
            if (density > 0
                    && density < 1
                    && (density - epsilon <= 0 || density + epsilon >= 1 || epsilon < 0)) {
                throw TailorException.of(
                                ErrorCode.CONFIG_INVALID,
                                ("density %s and epsilon %s for tensor '%s': the chances %s to %s"
                                                + " must lie between 0 and 1")
                                        .formatted(
                                                density,
                                                epsilon,
                                                tensor,
                                                density - epsilon,
                                                density + epsilon))
                        .at(sources.get(k).participant().source().model().location())
                        .remedy("choose a smaller epsilon");
            }
            return new Thinning.RankedRandom(density, epsilon);
        }
    }

    private static Operation linear(Values values) {
        return new Operation.Linear(values.each("weight"), normalized(values, "normalize"));
    }

    /// Whether the weights are divided by their sum, which then must not be 0.
    private static boolean normalized(Values values, String name) {
        boolean normalize = values.flag(name);
        double sum = values.each("weight").stream().mapToDouble(Double::doubleValue).sum();
        if (normalize && Math.abs(sum) < 1e-8) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "the weights for tensor '" + values.tensor() + "' sum to 0")
                    .at(values.sources().getFirst().participant().source().model().location())
                    .remedy("change them, or set '" + name + ": false'");
        }
        return normalize;
    }
}
