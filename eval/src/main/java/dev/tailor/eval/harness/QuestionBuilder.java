package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.RawRows;
import dev.tailor.text.Message;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Turns rows into questions: description, examples, the question itself, as one text or through a
/// chat template.
final class QuestionBuilder {
    private final TaskConfig task;
    private final HarnessSettings settings;
    private final RowReader questions;
    private final RowReader examples;

    QuestionBuilder(TaskConfig task, HarnessSettings settings, Set<String> columns) {
        this.task = task;
        this.settings = settings;
        this.questions = new RowReader(task.name(), task.form(), columns);
        this.examples = new RowReader(task.name(), task.shots().form(), columns);
    }

    Question question(int id, RawRows.Row row, List<RawRows.Row> shots) {
        Turns turns = new Turns();
        turns.system(
                Turns.delimit(
                        settings.systemInstruction(),
                        questions.resolved(task.description(), row),
                        task.form().shotDelimiter()));
        for (RawRows.Row shot : shots) {
            example(turns, shot);
        }
        List<String> choices = questions.hasChoices() ? questions.choices(row) : List.of();
        Object text = questions.text(row);
        String prefix = questions.prefix(row);
        List<String> contexts = new ArrayList<>();
        if (text instanceof Long) {
            for (String choice : choices) {
                Turns own = turns.copy();
                own.question("", choice, prefix);
                contexts.add(rendered(own));
            }
        } else {
            turns.question(task.form().targetDelimiter(), RowReader.python(text), prefix);
            contexts.add(rendered(turns));
        }
        return new Question(
                id, row, contexts, choices, text, questions.target(row), delimiter(prefix));
    }

    private void example(Turns turns, RawRows.Row row) {
        List<String> choices = examples.hasChoices() ? examples.choices(row) : List.of();
        Object text = examples.text(row);
        String question =
                text instanceof Long index ? chosen(index, choices, row) : RowReader.python(text);
        turns.example(
                examples.form(),
                question,
                examples.prefix(row),
                answer(examples.target(row), choices, row));
    }

    private String answer(Object target, List<String> choices, RawRows.Row row) {
        return switch (target) {
            case Long index when !choices.isEmpty() -> chosen(index, choices, row);
            case List<?> list ->
                    list.isEmpty()
                            ? ""
                            : list.getFirst() instanceof Long index && !choices.isEmpty()
                                    ? chosen(index, choices, row)
                                    : RowReader.python(list.getFirst());
            default -> RowReader.python(target);
        };
    }

    private String chosen(long index, List<String> choices, RawRows.Row row) {
        if (index < 0 || index >= choices.size()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "task '%s', an example: choice %d of %d does not exist"
                                    .formatted(task.name(), index, choices.size()))
                    .at(row.origin());
        }
        return choices.get((int) index);
    }

    private String rendered(Turns turns) {
        @Nullable ChatRenderer chat = settings.chat().orElse(null);
        if (chat == null) {
            return turns.text();
        }
        List<Message> messages = settings.multiTurn() ? turns.conversation() : turns.singleTurn();
        return chat.render(messages);
    }

    /// What stands between a context and a choice.
    private String delimiter(@Nullable String prefix) {
        if (settings.chat().isEmpty()) {
            return task.form().targetDelimiter();
        }
        return prefix == null || prefix.isEmpty() || Turns.endsWithSpace(prefix)
                ? ""
                : task.form().targetDelimiter();
    }
}
