package dev.tailor.merge.internal.explain;

import dev.tailor.merge.MergeMethod;
import dev.tailor.merge.Operation;
import dev.tailor.merge.Operation.Thinning;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The parameters that held for one tensor, by their names in the configuration: numbers, and true
/// or false.
///
/// @param merge of the whole operation
/// @param models of each model that has a difference to the reference; none where a method knows no
///   parameters of models
record OperationParameters(Map<String, Object> merge, List<Map<String, Object>> models) {
    static OperationParameters of(MergeMethod method, Operation operation) {
        return switch (operation) {
            case Operation.Copy(double scale) ->
                    merge(scale == 1 ? Map.of() : Map.of("scale", scale));
            case Operation.Linear linear ->
                    new OperationParameters(
                            Map.of("normalize", linear.normalize()), weights(linear.weights()));
            case Operation.Slerp(double t) -> merge(Map.of("t", t));
            case Operation.Nuslerp nuslerp ->
                    new OperationParameters(
                            named(
                                    "nuslerp_flatten",
                                    nuslerp.vectors() == Operation.Vectors.TENSOR,
                                    "nuslerp_row_wise",
                                    nuslerp.vectors() == Operation.Vectors.COLUMNS),
                            weights(nuslerp.weights()));
            case Operation.Multislerp multislerp ->
                    new OperationParameters(
                            named(
                                    "normalize_weights",
                                    multislerp.normalizeWeights(),
                                    "eps",
                                    multislerp.epsilon()),
                            weights(multislerp.weights()));
            case Operation.Karcher karcher ->
                    merge(named("max_iter", karcher.maxIterations(), "tol", karcher.tolerance()));
            case Operation.ModelStock stock -> merge(Map.of("filter_wise", stock.filterWise()));
            case Operation.TaskVectors vectors -> taskVectors(method, vectors);
            case Operation.Sce sce -> merge(Map.of("select_topk", sce.selected()));
            case Operation.Ram ram -> merge(ram(method, ram));
            case Operation.Nearswap nearswap -> merge(Map.of("t", nearswap.t()));
            case Operation.Fusion fusion -> merge(Map.of());
        };
    }

    private static OperationParameters merge(Map<String, Object> parameters) {
        return new OperationParameters(parameters, List.of());
    }

    private static List<Map<String, Object>> weights(List<Double> weights) {
        List<Map<String, Object>> models = new ArrayList<>();
        weights.forEach(weight -> models.add(Map.of("weight", weight)));
        return models;
    }

    private static Map<String, Object> named(
            String first, Object value, String second, Object other) {
        Map<String, Object> named = new LinkedHashMap<>();
        named.put(first, value);
        named.put(second, other);
        return named;
    }

    private static Map<String, Object> ram(MergeMethod method, Operation.Ram ram) {
        Map<String, Object> merge = new LinkedHashMap<>();
        if (method.parameter("r").isPresent()) {
            merge.put("r", ram.r());
            merge.put("alpha", ram.alpha());
        }
        merge.put("epsilon", ram.epsilon());
        return merge;
    }

    private static OperationParameters taskVectors(
            MergeMethod method, Operation.TaskVectors vectors) {
        Map<String, Object> merge = new LinkedHashMap<>();
        merge.put("normalize", vectors.normalize());
        if (method.parameter("rescale").isPresent()) {
            merge.put("rescale", vectors.rescale());
        }
        merge.put("lambda", vectors.lambda());
        List<Map<String, Object>> models = new ArrayList<>();
        for (int k = 0; k < vectors.weights().size(); k++) {
            Map<String, Object> model = new LinkedHashMap<>();
            model.put("weight", vectors.weights().get(k));
            switch (vectors.thinning().get(k)) {
                case Thinning.Nothing nothing -> {}
                case Thinning.Magnitude(double density) -> model.put("density", density);
                case Thinning.Random(double density) -> model.put("density", density);
                case Thinning.Outliers(double density, double gamma) -> {
                    model.put("density", density);
                    model.put("gamma", gamma);
                }
                case Thinning.RankedRandom(double density, double epsilon) -> {
                    model.put("density", density);
                    model.put("epsilon", epsilon);
                }
            }
            models.add(model);
        }
        return new OperationParameters(merge, models);
    }
}
