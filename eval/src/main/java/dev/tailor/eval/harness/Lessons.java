package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.RawRows;

import java.util.ArrayList;
import java.util.List;

/// What a model learns to be good at a task: the questions as they are asked without examples, each
/// with its answer.
///
/// @param lessons the rows that can be learnt from
/// @param notes what was left out, with counts and places
public record Lessons(List<Lesson> lessons, List<String> notes) {
    /// A question and how it is answered.
    ///
    /// @param row where it comes from
    public record Lesson(RawRows.Row row, String prompt, String completion) {}

    /// The lessons of some rows. A row that cannot be asked is counted and left out.
    ///
    /// @throws TailorException `DATA_INVALID` if nothing can be learnt from any row
    public static Lessons of(TaskConfig task, List<RawRows.Row> rows) {
        TaskConfig form = task.with(task.shots().form());
        QuestionBuilder builder =
                new QuestionBuilder(form, HarnessSettings.standard(), TaskData.columns(rows));
        Notes notes = new Notes();
        List<Lesson> lessons = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            try {
                Question question = builder.question(i, rows.get(i), List.of());
                String answer = answer(question);
                if (answer.isBlank()) {
                    notes.add("rows have no answer to learn", rows.get(i).origin().toString());
                    continue;
                }
                String context = context(question);
                String whole = Turns.delimit(context, answer, form.form().targetDelimiter());
                lessons.add(new Lesson(rows.get(i), context, whole.substring(context.length())));
            } catch (TailorException e) {
                notes.add(Notes.NOT_ASKED, e.render());
            }
        }
        if (lessons.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "nothing can be learnt for the task '" + task.name() + "'")
                    .at(rows.getFirst().origin().file())
                    .remedy(notes.lines().isEmpty() ? "" : notes.lines().getFirst());
        }
        return new Lessons(lessons, notes.lines());
    }

    /// The context of the right choice where each choice has its own, else the only one.
    private static String context(Question question) {
        return question.text() instanceof Long index && question.hasManyContexts()
                ? question.contexts().get(Math.toIntExact(index))
                : question.contexts().getFirst();
    }

    /// The answer; the first where several are accepted.
    private static String answer(Question question) {
        return question.target() instanceof List<?> several && !several.isEmpty()
                ? several.getFirst() instanceof Long index && !question.choices().isEmpty()
                        ? question.choices().get(Math.toIntExact(index))
                        : RowReader.python(several.getFirst())
                : question.targetText();
    }
}
