package dev.tailor.eval.harness;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// The figures of groups: means over their tasks, with pooled standard errors.
///
/// @param means each group with its figures
public record Groups(List<Mean> means) {
    /// A group's figures.
    public record Mean(TaskGroup group, List<HarnessResult.Figure> figures) {}

    /// The figures of some groups. A group that asks for a metric of which a task has none gets no
    /// figure for it.
    public static Groups of(List<TaskGroup> groups, List<HarnessResult> results) {
        Map<String, HarnessResult> byName = new LinkedHashMap<>();
        results.forEach(result -> byName.put(result.task().name(), result));
        List<Mean> means = new ArrayList<>();
        for (TaskGroup group : groups) {
            List<HarnessResult.Figure> figures = new ArrayList<>();
            for (TaskGroup.Mean mean : group.means()) {
                for (String filter : mean.filters()) {
                    figure(group, mean, filter, byName).ifPresent(figures::add);
                }
            }
            means.add(new Mean(group, figures));
        }
        return new Groups(means);
    }

    private static Optional<HarnessResult.Figure> figure(
            TaskGroup group,
            TaskGroup.Mean mean,
            String filter,
            Map<String, HarnessResult> results) {
        List<HarnessResult.Figure> parts = new ArrayList<>();
        for (String task : group.tasks()) {
            HarnessResult result = results.get(task);
            if (result == null) {
                return Optional.empty();
            }
            result.figures().stream()
                    .filter(f -> f.metric().equals(mean.metric()) && f.filter().equals(filter))
                    .forEach(parts::add);
        }
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        double sum = 0;
        double weights = 0;
        for (HarnessResult.Figure part : parts) {
            double weight = mean.bySize() ? part.samples() : 1;
            sum += part.value() * weight;
            weights += weight;
        }
        return Optional.of(
                new HarnessResult.Figure(
                        mean.metric(),
                        filter,
                        sum / weights,
                        pooled(parts),
                        parts.getFirst().higherIsBetter(),
                        parts.stream().mapToInt(HarnessResult.Figure::samples).sum()));
    }

    /// The standard error by the pooled variance of the tasks.
    private static OptionalDouble pooled(List<HarnessResult.Figure> parts) {
        double variance = 0;
        double samples = 0;
        for (HarnessResult.Figure part : parts) {
            if (part.standardError().isEmpty()) {
                return OptionalDouble.empty();
            }
            double error = part.standardError().getAsDouble();
            variance += (part.samples() - 1.0) * error * error * part.samples();
            samples += part.samples();
        }
        return samples == parts.size()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.sqrt(variance / (samples - parts.size()) / samples));
    }
}
