package dev.tailor.merge.internal.explain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// What the page shows as heat maps.
///
/// @param ofResult one map each
/// @param ofModels a map for each model
record Metrics(List<Metric> ofResult, List<Metric> ofModels) {
    private static final String RESULT = "result";

    static Metrics of(Explanation explanation, ModelLabels labels, String reference) {
        return new Metrics(
                List.of(
                        percent(
                                "Change",
                                "How far the result is from the %s: the norm of the change, relative to the norm of the %s."
                                        .formatted(reference, reference),
                                Map.of(RESULT, summary -> summary.whole().relativeChange())),
                        percent(
                                "Sign conflicts",
                                "Of the positions that two or more models changed, the share where"
                                        + " one went up and another down.",
                                Map.of("all models", summary -> summary.whole().conflictShare())),
                        new Metric(
                                "Cosine of result and " + reference,
                                "1 where the result points where the %s does; the stronger the colour, the farther from it."
                                        .formatted(reference),
                                "",
                                true,
                                Figures::cosine,
                                Map.of(RESULT, summary -> summary.whole().cosine()))),
                List.of(
                        percent(
                                "Differences of the models",
                                "The norm of each model's difference to the %s, relative to the norm of the %s."
                                        .formatted(reference, reference),
                                perModel(explanation, labels, Part::relativeNorm)),
                        percent(
                                "Kept",
                                "The share of the elements that a model changed that thinning"
                                        + " left.",
                                perModel(explanation, labels, Part::kept))));
    }

    private static Metric percent(
            String title, String meaning, Map<String, ToDoubleFunction<Summary>> maps) {
        return new Metric(title, meaning, " %", false, Figures::percent, maps);
    }

    private static Map<String, ToDoubleFunction<Summary>> perModel(
            Explanation explanation, ModelLabels labels, ToDoubleFunction<Part> value) {
        Map<String, ToDoubleFunction<Summary>> maps = new LinkedHashMap<>();
        for (Participant participant : explanation.participants()) {
            maps.put(
                    labels.of(participant),
                    summary -> value.applyAsDouble(summary.part(participant)));
        }
        return maps;
    }
}
