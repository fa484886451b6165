package dev.tailor.workflow.loraland;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.RawRows;
import dev.tailor.eval.harness.Lessons;
import dev.tailor.eval.harness.TaskConfig;
import dev.tailor.eval.harness.TaskData;

import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/// The rows of a task, those to learn from apart from those to measure by.
///
/// @param lessons what is learnt
/// @param data where the evaluation finds its rows
/// @param evaluated the file or directory of the evaluated rows
/// @param notes what was left out, with counts
record TaskRows(List<Lessons.Lesson> lessons, TaskData data, Path evaluated, List<String> notes) {
    /// Finds the rows; where one file serves both splits, some are put aside by their content, so
    /// that equal rows are on one side, and written into `folder`.
    ///
    /// @throws TailorException `FILE_NOT_FOUND` without data; `DATA_INVALID` where training and
    ///   evaluation would share their rows
    static TaskRows of(TaskConfig task, TaskData data, ExperimentSettings settings, Path folder) {
        String training = task.source().training();
        String evaluated = task.source().evaluated();
        if (evaluated == null) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "the task '" + task.name() + "' names no split to be evaluated on")
                    .at(task.origin());
        }
        String learnt = training == null ? "train" : training;
        if (data.same(task, learnt, evaluated)) {
            return divided(task, data, settings.holdOut(), settings.trainLimit(), folder);
        }
        List<RawRows.Row> measured = data.prepared(task, evaluated);
        return rows(
                task,
                data.prepared(task, learnt),
                measured,
                settings.trainLimit(),
                data,
                data.file(task, evaluated));
    }

    private static TaskRows divided(
            TaskConfig task,
            TaskData data,
            OptionalDouble holdOut,
            OptionalInt trainLimit,
            Path folder) {
        String evaluated = String.valueOf(task.source().evaluated());
        if (holdOut.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "the task '%s' has one file for training and evaluation"
                                    .formatted(task.name()))
                    .at(data.file(task, evaluated))
                    .remedy(
                            "name two with --data %s.train=FILE --data %s.%s=FILE, or put rows aside"
                                            .formatted(task.name(), task.name(), evaluated)
                                    + " with --hold-out 0.2");
        }
        List<RawRows.Row> learnt = new ArrayList<>();
        List<RawRows.Row> measured = new ArrayList<>();
        for (RawRows.Row row : data.prepared(task, evaluated)) {
            long place =
                    Long.parseLong(Digest.ofString(row.fields().toString()).substring(0, 8), 16);
            (place < holdOut.getAsDouble() * 0x1_0000_0000L ? measured : learnt).add(row);
        }
        if (learnt.isEmpty() || measured.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "the task '%s' has too few rows to put %s of them aside"
                                    .formatted(task.name(), holdOut.getAsDouble()))
                    .at(data.file(task, evaluated));
        }
        Path file = folder.resolve("evaluated.jsonl");
        StringBuilder lines = new StringBuilder();
        measured.forEach(row -> lines.append(json(row.fields())).append('\n'));
        AtomicWrite.text(file, lines.toString());
        Path training = folder.resolve("remaining.jsonl");
        StringBuilder rest = new StringBuilder();
        learnt.forEach(row -> rest.append(json(row.fields())).append('\n'));
        AtomicWrite.text(training, rest.toString());
        Map<String, Path> places = new LinkedHashMap<>();
        places.put(task.name() + "." + evaluated, file);
        places.put(task.name(), training);
        return rows(task, learnt, measured, trainLimit, new TaskData(places), file);
    }

    private static TaskRows rows(
            TaskConfig task,
            List<RawRows.Row> learnt,
            List<RawRows.Row> measured,
            OptionalInt trainLimit,
            TaskData data,
            Path evaluated) {
        Set<Map<String, Object>> known = new HashSet<>();
        measured.forEach(row -> known.add(row.fields()));
        List<RawRows.Row> unseen =
                learnt.stream().filter(row -> !known.contains(row.fields())).toList();
        List<String> notes = new ArrayList<>();
        if (unseen.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "every training row of the task '%s' stands in the evaluated split"
                                    .formatted(task.name()))
                    .at(evaluated);
        }
        if (unseen.size() < learnt.size()) {
            notes.add(
                    (learnt.size() - unseen.size())
                            + " training rows stand in the evaluated split too and are left out");
        }
        int limit = Math.min(unseen.size(), trainLimit.orElse(unseen.size()));
        Lessons lessons = Lessons.of(task, unseen.subList(0, limit));
        notes.addAll(lessons.notes());
        return new TaskRows(lessons.lessons(), data, evaluated, notes);
    }

    /// The lessons as JSON lines of prompts with completions.
    String lessonLines() {
        StringBuilder lines = new StringBuilder();
        for (Lessons.Lesson lesson : lessons) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("prompt", lesson.prompt());
            fields.put("completion", lesson.completion());
            lines.append(json(fields)).append('\n');
        }
        return lines.toString();
    }

    private static String json(Map<String, Object> fields) {
        return JsonMapper.shared().writeValueAsString(fields);
    }
}
