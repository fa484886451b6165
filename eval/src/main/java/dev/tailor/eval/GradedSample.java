package dev.tailor.eval;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// One sample of a task with what the model made of it; kept so that a figure can be traced to the
/// answers behind it.
///
/// @param id stable name of the sample: `file:row`
/// @param prompt what was asked, readable
/// @param references the accepted answers; empty where the task has none
/// @param answer what the model answered; empty where the task only scores
/// @param values the sample's own figures, by metric name
public record GradedSample(
        String id,
        String prompt,
        List<String> references,
        String answer,
        Map<String, Double> values) {
    /// Keeps the figures in alphabetical order, so that equal results are equal files.
    public GradedSample {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
    }
}
