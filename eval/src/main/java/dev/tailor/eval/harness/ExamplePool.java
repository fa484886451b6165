package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.RawRows;
import dev.tailor.eval.internal.harness.PythonRandom;

import java.util.ArrayList;
import java.util.List;

/// Draws a sample's examples as the reference does: one generator for all samples of a task, in
/// their order.
final class ExamplePool {
    private final String task;
    private final List<RawRows.Row> rows;
    private final boolean first;
    private final boolean excludesQuestion;
    private final PythonRandom random;

    /// @param first whether to take the first rows instead of drawing
    /// @param excludesQuestion whether the question may be among the rows and must not be drawn
    ExamplePool(
            String task,
            List<RawRows.Row> rows,
            boolean first,
            boolean excludesQuestion,
            long seed) {
        this.task = task;
        this.rows = rows;
        this.first = first;
        this.excludesQuestion = excludesQuestion;
        this.random = new PythonRandom(seed);
    }

    List<RawRows.Row> draw(int count, RawRows.Row question) {
        if (count == 0) {
            return List.of();
        }
        int needed = count + (excludesQuestion ? 1 : 0);
        if (rows.size() < needed) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "the task '%s' has %d rows to take %d examples from"
                                    .formatted(task, rows.size(), needed))
                    .remedy("ask for fewer with --shots");
        }
        if (first) {
            return rows.stream()
                    .filter(row -> !excludesQuestion || !isSame(row, question))
                    .limit(count)
                    .toList();
        }
        List<RawRows.Row> drawn = new ArrayList<>();
        for (int index : random.sample(rows.size(), needed)) {
            RawRows.Row row = rows.get(index);
            if (drawn.size() < count && !(excludesQuestion && isSame(row, question))) {
                drawn.add(row);
            }
        }
        return drawn;
    }

    private static boolean isSame(RawRows.Row one, RawRows.Row other) {
        return one.fields().equals(other.fields());
    }
}
