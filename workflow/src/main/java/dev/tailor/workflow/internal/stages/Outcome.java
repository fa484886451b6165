package dev.tailor.workflow.internal.stages;

import dev.tailor.workflow.store.StageState.DataUse;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a stage has to show besides its files.
///
/// @param metrics everything measured, by name
/// @param lasting those of the metrics that come out the same whenever the stage is run; they are
///   written beside the result
/// @param data what became of the rows of its data sets
/// @param dropped samples that were read and not learnt from, by reason
public record Outcome(
        Map<String, Double> metrics,
        Map<String, Object> lasting,
        List<DataUse> data,
        Map<String, Long> dropped) {
    /// Only metrics.
    static Outcome of(Map<String, Double> metrics) {
        return new Outcome(metrics, new LinkedHashMap<>(metrics), List.of(), Map.of());
    }
}
