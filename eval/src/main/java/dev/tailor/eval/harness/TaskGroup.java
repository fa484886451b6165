package dev.tailor.eval.harness;

import java.util.List;

/// Tasks that are reported together.
///
/// @param name its name
/// @param members the tasks and groups in it
/// @param tasks all tasks in it, those of its groups included
/// @param means which metrics it has itself
public record TaskGroup(String name, List<String> members, List<String> tasks, List<Mean> means) {
    /// The mean of a metric over the tasks, of the first of these filters that a task has.
    public record Mean(String metric, List<String> filters, boolean bySize) {}
}
