package dev.tailor.merge.internal.explain;

import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/// Something to be seen on heat maps with one scale: one map, or one for each model.
///
/// @param unit stands behind the numbers of the scale
/// @param strongIsLow whether small numbers are those to look at
/// @param maps what each map shows, by its caption
record Metric(
        String title,
        String meaning,
        String unit,
        boolean strongIsLow,
        DoubleFunction<String> format,
        Map<String, ToDoubleFunction<Summary>> maps) {}
