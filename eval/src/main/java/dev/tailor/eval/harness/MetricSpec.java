package dev.tailor.eval.harness;

import java.util.List;

/// A metric of a task.
///
/// @param name as in task files: `acc`, `exact_match`, ...
/// @param aggregation how samples' values become one figure: `mean`, `perplexity`, ...
/// @param ignore what [exact_match] overlooks
public record MetricSpec(String name, String aggregation, boolean higherIsBetter, Ignore ignore) {
    /// What does not count when two texts are compared.
    ///
    /// @param regexes expressions whose matches are removed first
    public record Ignore(
            boolean letterCase, boolean punctuation, boolean numbers, List<String> regexes) {
        /// Everything counts.
        public static Ignore nothing() {
            return new Ignore(false, false, false, List.of());
        }
    }
}
