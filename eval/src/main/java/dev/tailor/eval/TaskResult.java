package dev.tailor.eval;

import java.util.List;
import java.util.Optional;

/// What one model reached in one task.
///
/// @param task name of the task
/// @param metrics the figures, in the order they are shown
/// @param samples every sample, in the order of the task
/// @param seconds wall-clock time of the evaluation
public record TaskResult(
        String task, List<Metric> metrics, List<GradedSample> samples, double seconds) {
    /// The metric of that name, if the task has it.
    public Optional<Metric> metric(String name) {
        return metrics.stream().filter(metric -> metric.name().equals(name)).findFirst();
    }
}
