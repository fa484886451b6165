package dev.tailor.eval.harness;

import dev.tailor.data.RawRows;

import java.util.List;

/// A row of a task, ready to be asked.
///
/// @param id its number in the task, from 0
/// @param row where it comes from
/// @param contexts what the model reads: one text, or one for each choice
/// @param choices what it chooses from; empty where there is no choice
/// @param text the question as the task gives it
/// @param target the answer as the task gives it
/// @param delimiter what stands between a context and a choice
record Question(
        int id,
        RawRows.Row row,
        List<String> contexts,
        List<String> choices,
        Object text,
        Object target,
        String delimiter) {
    /// Whether each choice has a context of its own and all share the continuation.
    boolean hasManyContexts() {
        return text instanceof Long;
    }

    /// The answer as one text.
    String targetText() {
        return switch (target) {
            case Long index when index >= 0 && index < choices.size() ->
                    choices.get(index.intValue());
            default -> RowReader.python(target);
        };
    }
}
