package dev.tailor.eval.harness;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a name stands for: a task, or the tasks of a group or a tag.
///
/// @param title the name
public record TaskSelection(String title, List<TaskConfig> tasks, List<TaskGroup> groups) {
    static TaskSelection of(TaskConfig task) {
        return new TaskSelection(task.name(), List.of(task), List.of());
    }

    /// Several selections as one; a task that is in two of them counts once.
    public static TaskSelection of(List<TaskSelection> parts) {
        Map<String, TaskConfig> tasks = new LinkedHashMap<>();
        Map<String, TaskGroup> groups = new LinkedHashMap<>();
        List<String> titles = new ArrayList<>();
        for (TaskSelection part : parts) {
            part.tasks().forEach(task -> tasks.putIfAbsent(task.name(), task));
            part.groups().forEach(group -> groups.putIfAbsent(group.name(), group));
            titles.add(part.title());
        }
        return new TaskSelection(
                String.join(",", titles),
                List.copyOf(tasks.values()),
                List.copyOf(groups.values()));
    }
}
