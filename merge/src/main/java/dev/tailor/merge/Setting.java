package dev.tailor.merge;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// A parameter of a method with the value that holds for one tensor, in the YAML's words.
///
/// @param values numbers, or true and false: one, or one for each model that is merged
/// @param perModel whether there is one for each model
public record Setting(String name, List<Object> values, boolean perModel) {
    /// The settings of an operation.
    public static List<Setting> of(Operation operation) {
        return switch (operation) {
            case Operation.Copy(double scale) ->
                    scale == 1 ? List.of() : List.of(one("scale", scale));
            case Operation.Linear(List<Double> weights, boolean normalize) ->
                    List.of(each("weight", weights), one("normalize", normalize));
            case Operation.Slerp(double t) -> List.of(one("t", t));
            case Operation.Nuslerp(
                            List<Double> weights,
                            Operation.Vectors vectors,
                            boolean fromOrigin) ->
                    List.of(
                            each("weight", weights),
                            one("nuslerp_flatten", vectors == Operation.Vectors.TENSOR),
                            one("nuslerp_row_wise", vectors == Operation.Vectors.COLUMNS));
            case Operation.Multislerp(
                            List<Double> weights,
                            boolean normalize,
                            double epsilon,
                            boolean fromOrigin) ->
                    List.of(
                            each("weight", weights),
                            one("normalize_weights", normalize),
                            one("eps", epsilon));
            case Operation.Karcher(int iterations, double tolerance) ->
                    List.of(one("max_iter", iterations), one("tol", tolerance));
            case Operation.ModelStock(boolean filterWise) ->
                    List.of(one("filter_wise", filterWise));
            case Operation.TaskVectors vectors -> taskVectors(vectors);
            case Operation.Sce(double selected) -> List.of(one("select_topk", selected));
            case Operation.Ram(double r, double alpha, double epsilon) ->
                    r == 0 && alpha == 0
                            ? List.of(one("epsilon", epsilon))
                            : List.of(one("r", r), one("alpha", alpha), one("epsilon", epsilon));
            case Operation.Nearswap(double t) -> List.of(one("t", t));
            case Operation.Fusion() -> List.of();
        };
    }

    private static List<Setting> taskVectors(Operation.TaskVectors vectors) {
        List<Setting> settings = new ArrayList<>();
        settings.add(each("weight", vectors.weights()));
        List<Operation.Thinning> thinning = vectors.thinning();
        switch (thinning.getFirst()) {
            case Operation.Thinning.Nothing() -> {}
            case Operation.Thinning.Magnitude first ->
                    settings.add(each("density", thinning, Setting::density));
            case Operation.Thinning.Random first ->
                    settings.add(each("density", thinning, Setting::density));
            case Operation.Thinning.Outliers first -> {
                settings.add(each("density", thinning, Setting::density));
                settings.add(each("gamma", thinning, Setting::spread));
            }
            case Operation.Thinning.RankedRandom first -> {
                settings.add(each("density", thinning, Setting::density));
                settings.add(each("epsilon", thinning, Setting::spread));
            }
        }
        settings.add(one("normalize", vectors.normalize()));
        if (!(thinning.getFirst() instanceof Operation.Thinning.Nothing)) {
            settings.add(one("rescale", vectors.rescale()));
        }
        settings.add(one("lambda", vectors.lambda()));
        return settings;
    }

    private static double density(Operation.Thinning thinning) {
        return switch (thinning) {
            case Operation.Thinning.Nothing() -> 1;
            case Operation.Thinning.Magnitude(double density) -> density;
            case Operation.Thinning.Random(double density) -> density;
            case Operation.Thinning.Outliers(double density, double gamma) -> density;
            case Operation.Thinning.RankedRandom(double density, double epsilon) -> density;
        };
    }

    private static double spread(Operation.Thinning thinning) {
        return switch (thinning) {
            case Operation.Thinning.Outliers(double density, double gamma) -> gamma;
            case Operation.Thinning.RankedRandom(double density, double epsilon) -> epsilon;
            case Operation.Thinning.Nothing nothing -> 0;
            case Operation.Thinning.Magnitude magnitude -> 0;
            case Operation.Thinning.Random random -> 0;
        };
    }

    private static Setting one(String name, Object value) {
        return new Setting(name, List.of(value), false);
    }

    private static Setting each(String name, List<Double> values) {
        return new Setting(name, List.copyOf(values), true);
    }

    private static Setting each(
            String name,
            List<Operation.Thinning> thinning,
            ToDoubleFunction<Operation.Thinning> value) {
        return each(name, thinning.stream().map(value::applyAsDouble).toList());
    }
}
