package dev.tailor.eval.harness;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.data.Origin;
import dev.tailor.data.RawRows;
import dev.tailor.eval.LanguageModel;
import dev.tailor.eval.Task;
import dev.tailor.eval.internal.harness.Aggregation;
import dev.tailor.eval.internal.harness.CodeTests;
import dev.tailor.eval.internal.harness.Twins;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;

/// Runs tasks on a model: builds the questions, asks, grades.
///
/// A row that cannot be asked (a column is missing, a template refuses it) is counted and left out;
/// the rest goes on.
public final class Harness {
    private final LanguageModel model;
    private final TaskData data;
    private final HarnessSettings settings;
    private final RequestCache cache;
    private final Task.Watch watch;

    /// @param cache replies that are known already, and where new ones go
    public Harness(
            LanguageModel model,
            TaskData data,
            HarnessSettings settings,
            RequestCache cache,
            Task.Watch watch) {
        this.model = model;
        this.data = data;
        this.settings = settings;
        this.cache = cache;
        this.watch = watch;
    }

    /// Measures a task.
    ///
    /// @param shots the number of examples; the task's own if not said. A task that says 0 stays at
    ///   0, as in the reference
    /// @throws TailorException `FILE_NOT_FOUND` without data; `DATA_INVALID` if not one row can be
    ///   asked
    public HarnessResult run(TaskConfig task, OptionalInt shots) {
        long start = System.nanoTime();
        requireCode(task);
        int count = task.shots().count() == 0 ? 0 : shots.orElse(Math.max(0, task.shots().count()));
        Notes notes = new Notes();
        RawRows read = data.rows(task, task.source().evaluated());
        read.damaged().forEach(why -> notes.add("rows cannot be read and are left out", why));
        List<RawRows.Row> rows = processed(task, read.rows(), notes);
        noteDuplicates(rows, notes);
        List<Question> questions = questions(task, rows, count, notes);
        if (questions.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID,
                            "not one row of the task '" + task.name() + "' can be asked")
                    .at(read.rows().getFirst().origin().file())
                    .remedy(notes.lines().isEmpty() ? "--limit is 0" : notes.lines().getFirst());
        }
        long cut = model.shortened();
        String title = count == 0 ? task.name() : task.name() + ", " + count + " shots";
        Asking asking = new Asking(model, cache, watch, title);
        List<GradedQuestion> graded =
                new QuestionAsker(task, settings, asking, notes).ask(questions);
        notes.count(
                "requests are longer than the model's context and lost their beginning",
                model.shortened() - cut);
        return new HarnessResult(
                task,
                count,
                figures(task, graded),
                graded,
                rows.size(),
                notes.lines(),
                (System.nanoTime() - start) / 1e9);
    }

    private void requireCode(TaskConfig task) {
        boolean runsCode =
                task.grading().metrics().stream()
                        .anyMatch(metric -> metric.name().equals(CodeTests.METRIC));
        if (runsCode && settings.code().isEmpty()) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "the task '"
                                    + task.name()
                                    + "' runs the programs that the model writes, which nobody has"
                                    + " allowed")
                    .at(task.origin())
                    .remedy(
                            "allow it with --run-code COMMAND: a command that runs the program on"
                                    + " its standard input, in a sandbox of yours");
        }
    }

    @SuppressWarnings("unchecked")
    static List<RawRows.Row> processed(TaskConfig task, List<RawRows.Row> rows, Notes notes) {
        String twin = task.source().processing();
        if (twin == null) {
            return rows;
        }
        List<RawRows.Row> processed = new ArrayList<>();
        for (RawRows.Row row : rows) {
            try {
                Object made = Twins.apply(twin, row.fields());
                processed.add(new RawRows.Row(row.origin(), (Map<String, Object>) made));
            } catch (TailorException e) {
                notes.add(Notes.NOT_ASKED, e.at(row.origin()).render());
            }
        }
        return processed;
    }

    private static void noteDuplicates(List<RawRows.Row> rows, Notes notes) {
        Map<Object, RawRows.Row> seen = new LinkedHashMap<>();
        for (RawRows.Row row : rows) {
            Object id = row.fields().get("id");
            RawRows.Row earlier = id == null ? null : seen.putIfAbsent(id, row);
            if (earlier != null) {
                notes.add(
                        "rows have an id that stands before already",
                        "%s: '%s' as in %s".formatted(row.origin(), id, earlier.origin()));
            }
        }
    }

    private List<Question> questions(
            TaskConfig task, List<RawRows.Row> rows, int shots, Notes notes) {
        Set<String> columns = TaskData.columns(rows);
        ExamplePool pool = shots == 0 ? null : pool(task, rows, notes);
        QuestionBuilder builder = new QuestionBuilder(task, settings, columns);
        List<Question> questions = new ArrayList<>();
        int limit = Math.min(rows.size(), settings.limit().orElse(Integer.MAX_VALUE));
        for (int i = 0; i < limit; i++) {
            RawRows.Row row = rows.get(i);
            List<RawRows.Row> examples = pool == null ? List.of() : pool.draw(shots, row);
            try {
                questions.add(builder.question(i, row, examples));
            } catch (TailorException e) {
                notes.add(Notes.NOT_ASKED, e.render());
            }
        }
        return questions;
    }

    private ExamplePool pool(TaskConfig task, List<RawRows.Row> rows, Notes notes) {
        Shots shots = task.shots();
        boolean first = shots.sampler().equals("first_n");
        TaskConfig.Source source = task.source();
        if (shots.split() == null && !shots.examples().isEmpty()) {
            List<RawRows.Row> examples = new ArrayList<>();
            for (Map<String, Object> example : shots.examples()) {
                examples.add(
                        new RawRows.Row(
                                new Origin(Path.of("fewshot_config.samples"), examples.size() + 1),
                                example));
            }
            boolean excludes = source.test() == null;
            return new ExamplePool(task.name(), examples, first, excludes, settings.seed());
        }
        String split = split(shots, source);
        boolean same = data.same(task, split, source.evaluated());
        List<RawRows.Row> from =
                same ? rows : processed(task, data.rows(task, split).rows(), notes);
        boolean excludes =
                Objects.equals(shots.split(), source.test())
                        || (same && !Objects.equals(split, source.evaluated()));
        return new ExamplePool(task.name(), from, first, excludes, settings.seed());
    }

    private static @Nullable String split(Shots shots, TaskConfig.Source source) {
        if (shots.split() != null) {
            return shots.split();
        }
        if (source.training() != null) {
            return source.training();
        }
        return source.validation() != null ? source.validation() : source.test();
    }

    private List<HarnessResult.Figure> figures(TaskConfig task, List<GradedQuestion> graded) {
        List<HarnessResult.Figure> figures = new ArrayList<>();
        for (FilterSpec filter : task.grading().filters()) {
            for (MetricSpec metric : task.grading().metrics()) {
                double[][] values =
                        graded.stream()
                                .map(question -> value(question, filter, metric))
                                .filter(value -> value.length > 0)
                                .toArray(double[][]::new);
                if (values.length > 0) {
                    Aggregation aggregation = Aggregation.of(metric.aggregation());
                    figures.add(
                            new HarnessResult.Figure(
                                    metric.name(),
                                    filter.name(),
                                    aggregation.value(values),
                                    aggregation.standardError(values, settings.bootstrap()),
                                    metric.higherIsBetter(),
                                    values.length));
                }
            }
        }
        return figures;
    }

    private static double[] value(GradedQuestion question, FilterSpec filter, MetricSpec metric) {
        GradedQuestion.Graded graded = question.graded().get(filter.name());
        double[] value = graded == null ? null : graded.values().get(metric.name());
        return value == null ? new double[0] : value;
    }
}
