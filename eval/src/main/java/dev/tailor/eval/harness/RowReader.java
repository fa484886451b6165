package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.Suggestion;
import dev.tailor.core.TailorException;
import dev.tailor.data.RawRows;
import dev.tailor.eval.internal.harness.PythonFormat;
import dev.tailor.eval.internal.harness.PythonLiteral;
import dev.tailor.eval.internal.harness.Twins;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Takes question, answer and choices from rows, in the way of one form of a task.
final class RowReader {
    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*");
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,9}");

    private final String task;
    private final PromptForm form;
    private final Set<String> columns;

    /// @param columns the columns of the task's rows
    RowReader(String task, PromptForm form, Set<String> columns) {
        this.task = task;
        this.form = form;
        this.columns = columns;
    }

    PromptForm form() {
        return form;
    }

    boolean hasChoices() {
        return !(form.choices() instanceof Field.Absent);
    }

    /// The question: text, or the number of a choice.
    Object text(RawRows.Row row) {
        Object value = value(form.text(), row);
        return value instanceof String text && templated(form.text()) ? number(text) : value;
    }

    /// The answer: text, the number of a choice, or a list of either.
    Object target(RawRows.Row row) {
        Object value = value(form.target(), row);
        if (!(value instanceof String text) || !templated(form.target())) {
            return value;
        }
        if (text.length() >= 2 && text.startsWith("[") && text.endsWith("]")) {
            return PythonLiteral.read(text).orElse(text);
        }
        return number(text);
    }

    private boolean templated(Field field) {
        return field instanceof Field.Text text && !columns.contains(text.source());
    }

    /// A number where the text is one and there are choices to be numbered.
    private Object number(String text) {
        return hasChoices() && DIGITS.matcher(text).matches() ? (Object) Long.valueOf(text) : text;
    }

    /// The choices.
    List<String> choices(RawRows.Row row) {
        Object value = value(form.choices(), row);
        if (value instanceof String text) {
            value = PythonLiteral.read(text).orElse(text);
        }
        if (!(value instanceof List<?> list) || list.isEmpty()) {
            throw failure("doc_to_choice", row, "it gives no list of choices but: " + value);
        }
        List<String> choices = new ArrayList<>();
        list.forEach(choice -> choices.add(python(choice)));
        return choices;
    }

    /// What the answer begins with already.
    @Nullable String prefix(RawRows.Row row) {
        return form.prefix() instanceof Field.Absent ? null : python(value(form.prefix(), row));
    }

    /// A description or the like, empty if there is none.
    String resolved(Field field, RawRows.Row row) {
        return field instanceof Field.Absent ? "" : python(value(field, row));
    }

    /// A value as Python's `str` writes it.
    static String python(@Nullable Object value) {
        return switch (value) {
            case null -> "None";
            case Boolean truth -> truth ? "True" : "False";
            default -> value.toString();
        };
    }

    private Object value(Field field, RawRows.Row row) {
        try {
            return switch (field) {
                case Field.Number(long number) -> number;
                case Field.Items(List<Object> items) -> items;
                case Field.Absent _ -> "";
                case Field.Twin(String name) -> Twins.apply(name, row.fields());
                case Field.Format(String _, PythonFormat format) -> format.render(row.fields());
                case Field.Text text ->
                        columns.contains(text.source())
                                ? column(text, row)
                                : rendered(text, row.fields());
            };
        } catch (TailorException e) {
            String key =
                    switch (field) {
                        case Field.Text text -> text.key();
                        case Field.Format format -> format.key();
                        default -> "a field";
                    };
            throw failure(key, row, e.getMessage()).causedBy(e);
        }
    }

    private static Object column(Field.Text text, RawRows.Row row) {
        Object value = row.fields().get(text.source());
        if (value == null) {
            throw TailorException.of(
                    ErrorCode.DATA_INVALID, "the column '" + text.source() + "' is empty");
        }
        return value;
    }

    private Object rendered(Field.Text text, Map<String, Object> row) {
        boolean isData = text.key().startsWith("doc_to_");
        if (isData && WORD.matcher(text.source()).matches()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "there is no column '%s'; there are %s"
                                    .formatted(text.source(), columns))
                    .remedy(Suggestion.advice(text.source(), columns));
        }
        return text.template().render(row);
    }

    private TailorException failure(String key, RawRows.Row row, String what) {
        return TailorException.of(
                        ErrorCode.DATA_INVALID, "task '%s', %s: %s".formatted(task, key, what))
                .at(row.origin());
    }
}
