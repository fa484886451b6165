package dev.tailor.eval.report;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.eval.Board;
import dev.tailor.eval.Metric;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.PairedComparison;
import dev.tailor.eval.TaskResult;
import dev.tailor.eval.statistics.Holm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// Tuned models against their bases over many tasks: the kind of table that LoRA Land has.
///
/// @param gains one for each tuned model and task, categories together
/// @param baseline the name of the model whose figures gains are also held against
/// @param leftOut tasks that only one of the two models has, with the reason
public record GainBoard(List<Gain> gains, Optional<String> baseline, List<String> leftOut) {
    /// Where no category is known.
    public static final String OTHER = "Other";

    /// The order of LoRA Land's categories; others follow as they come.
    private static final List<String> ORDER =
            List.of("Classic NLP", "Coding", "Knowledge", "Reasoning", "Math");

    public GainBoard {
        gains = List.copyOf(gains);
        leftOut = List.copyOf(leftOut);
    }

    /// A tuned model and the one it was made of. A task that the base was asked with several
    /// numbers of examples is called `TASK@N` there.
    public record Pair(ModelResult base, ModelResult tuned) {
        /// Pairs of the same two models as one with the tasks of all.
        public static Pair joined(List<Pair> pairs) {
            List<TaskResult> before = new ArrayList<>();
            List<TaskResult> after = new ArrayList<>();
            pairs.forEach(pair -> before.addAll(pair.base().tasks()));
            pairs.forEach(pair -> after.addAll(pair.tuned().tasks()));
            return new Pair(
                    new ModelResult(pairs.getFirst().base().model(), before),
                    new ModelResult(pairs.getFirst().tuned().model(), after));
        }
    }

    /// The figures of a model that is only known by them.
    public record Baseline(String name, Map<String, Double> figures) {
        /// The first figure of each task of a result.
        public static Baseline of(String name, ModelResult result) {
            Map<String, Double> figures = new LinkedHashMap<>();
            for (TaskResult task : result.tasks()) {
                if (!task.metrics().isEmpty()) {
                    figures.putIfAbsent(plainName(task.task()), task.metrics().getFirst().value());
                }
            }
            return new Baseline(name, figures);
        }
    }

    /// The board of some pairs.
    ///
    /// @param categories of tasks by their names; [#OTHER] for those that are not in it
    /// @throws TailorException `DATA_INVALID` if no task was given to both models of a pair
    public static GainBoard of(
            List<Pair> pairs, Optional<Baseline> baseline, Map<String, String> categories) {
        List<Gain> gains = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (Pair pair : pairs) {
            Map<String, List<TaskResult>> before = byTask(pair.base());
            Map<String, List<TaskResult>> after = byTask(pair.tuned());
            after.forEach((task, results) -> {
                List<TaskResult> asked = before.get(task);
                if (asked == null || asked.getFirst().metrics().isEmpty()) {
                    leftOut.add(task + ": " + pair.base().model() + " has no figure for it");
                } else {
                    gain(pair, task, asked, results.getFirst(), baseline, categories)
                            .ifPresentOrElse(
                                    gains::add,
                                    () -> leftOut.add(task + ": the two have no metric in common"));
                }
            });
            before.keySet().stream()
                    .filter(task -> !after.containsKey(task))
                    .forEach(task ->
                            leftOut.add(
                                    task + ": " + pair.tuned().model() + " has no figure for it"));
        }
        if (gains.isEmpty()) {
            throw TailorException.of(
                            ErrorCode.DATA_INVALID, "no task was given to a model and to its base")
                    .remedy(leftOut.isEmpty() ? "name the results of both" : leftOut.getFirst());
        }
        gains.sort(
                Comparator.comparingInt((Gain gain) -> rank(gain.category()))
                        .thenComparing(Gain::category));
        return new GainBoard(corrected(gains), baseline.map(Baseline::name), leftOut);
    }

    private static int rank(String category) {
        int place = ORDER.indexOf(category);
        return place < 0 ? category.equals(OTHER) ? ORDER.size() + 1 : ORDER.size() : place;
    }

    /// A task's name without the number of examples.
    static String plainName(String task) {
        return task.replaceFirst("@[0-9]+$", "");
    }

    private static int shots(String task) {
        int at = task.lastIndexOf('@');
        return plainName(task).equals(task) ? 0 : Integer.parseInt(task.substring(at + 1));
    }

    /// The results of each task, by rising number of examples.
    private static Map<String, List<TaskResult>> byTask(ModelResult model) {
        Map<String, List<TaskResult>> tasks = new LinkedHashMap<>();
        model.tasks().stream()
                .sorted(Comparator.comparingInt(task -> shots(task.task())))
                .forEach(task ->
                        tasks.computeIfAbsent(plainName(task.task()), k -> new ArrayList<>())
                                .add(task));
        return tasks;
    }

    private static Optional<Gain> gain(
            Pair pair,
            String task,
            List<TaskResult> before,
            TaskResult after,
            Optional<Baseline> baseline,
            Map<String, String> categories) {
        Optional<Metric> reached = after.metrics().stream().findFirst();
        Optional<Metric> known = reached.flatMap(m -> before.getFirst().metric(m.name()));
        if (reached.isEmpty() || known.isEmpty()) {
            return Optional.empty();
        }
        List<Gain.ShotFigure> figures = new ArrayList<>();
        for (TaskResult result : before) {
            result.metric(reached.get().name())
                    .ifPresent(m -> figures.add(new Gain.ShotFigure(shots(result.task()), m)));
        }
        Double other = baseline.map(b -> b.figures().get(task)).orElse(null);
        return Optional.of(
                new Gain(
                        task,
                        categories.getOrDefault(task, OTHER),
                        pair.base().model(),
                        pair.tuned().model(),
                        known.get(),
                        reached.get(),
                        after.samples().size(),
                        figures.size() > 1 ? figures : List.of(),
                        other == null ? OptionalDouble.empty() : OptionalDouble.of(other),
                        pValue(before.getFirst(), after, reached.get())));
    }

    private static OptionalDouble pValue(TaskResult before, TaskResult after, Metric metric) {
        Board both =
                Board.of(
                        List.of(
                                new ModelResult("base", List.of(named(before))),
                                new ModelResult("tuned", List.of(named(after)))));
        Board.Column column = new Board.Column("task", metric.name(), metric.higherIsBetter());
        return PairedComparison.of(both, column, "base", "tuned")
                .map(comparison -> OptionalDouble.of(comparison.pValue()))
                .orElse(OptionalDouble.empty());
    }

    private static TaskResult named(TaskResult result) {
        return new TaskResult("task", result.metrics(), result.samples(), result.seconds());
    }

    private static List<Gain> corrected(List<Gain> gains) {
        List<Gain> compared = gains.stream().filter(g -> g.pValue().isPresent()).toList();
        double[] adjusted =
                Holm.adjusted(
                        compared.stream().mapToDouble(g -> g.pValue().getAsDouble()).toArray());
        List<Gain> corrected = new ArrayList<>();
        int next = 0;
        for (Gain gain : gains) {
            corrected.add(gain.pValue().isPresent() ? gain.withPValue(adjusted[next++]) : gain);
        }
        return corrected;
    }

    /// What the gains of a category, or of all, amount to.
    ///
    /// @param name the category
    /// @param gains the number of gains
    /// @param before mean of the bases' figures
    /// @param after mean of the tuned models' figures
    /// @param gain mean gain
    /// @param wins how many tuned models are better than their base
    /// @param significant how many of these differences are significant
    /// @param overBaseline how many are better than the baseline
    /// @param withBaseline how many could be compared with the baseline
    /// @param best the largest gain
    public record Summary(
            String name,
            int gains,
            double before,
            double after,
            double gain,
            int wins,
            int significant,
            int overBaseline,
            int withBaseline,
            Gain best) {
        private static Summary of(String name, List<Gain> gains) {
            return new Summary(
                    name,
                    gains.size(),
                    gains.stream().mapToDouble(g -> g.before().value()).average().orElse(0),
                    gains.stream().mapToDouble(g -> g.after().value()).average().orElse(0),
                    gains.stream().mapToDouble(Gain::value).average().orElse(0),
                    (int) gains.stream().filter(Gain::isWin).count(),
                    (int) gains.stream().filter(g -> g.isWin() && g.isSignificant()).count(),
                    (int) gains.stream().filter(g -> g.beatsBaseline().orElse(false)).count(),
                    (int) gains.stream().filter(g -> g.baseline().isPresent()).count(),
                    gains.stream().max(Comparator.comparingDouble(Gain::value)).orElseThrow());
        }
    }

    /// One summary for each category, and one for all.
    public List<Summary> summaries() {
        List<Summary> summaries = new ArrayList<>();
        for (String category : categories()) {
            summaries.add(
                    Summary.of(
                            category,
                            gains.stream().filter(g -> g.category().equals(category)).toList()));
        }
        summaries.add(total());
        return summaries;
    }

    /// The summary of all gains.
    public Summary total() {
        return Summary.of("all", gains);
    }

    /// The categories in their order.
    public List<String> categories() {
        Set<String> categories = new LinkedHashSet<>();
        gains.forEach(gain -> categories.add(gain.category()));
        return List.copyOf(categories);
    }

    /// The tasks in their order.
    public List<String> tasks() {
        Set<String> tasks = new LinkedHashSet<>();
        gains.forEach(gain -> tasks.add(gain.task()));
        return List.copyOf(tasks);
    }

    /// The tuned models in their order.
    public List<String> tunedModels() {
        Set<String> models = new LinkedHashSet<>();
        gains.forEach(gain -> models.add(gain.tuned()));
        return List.copyOf(models);
    }

    /// A model's gain in a task.
    public Optional<Gain> gain(String tuned, String task) {
        return gains.stream()
                .filter(gain -> gain.tuned().equals(tuned) && gain.task().equals(task))
                .findFirst();
    }

    /// How much the best tuned model surpasses the best base, over the tasks: the mean; empty with
    /// one tuned model.
    public OptionalDouble bestOverBest() {
        if (tunedModels().size() < 2) {
            return OptionalDouble.empty();
        }
        return tasks().stream()
                .mapToDouble(task -> {
                    List<Gain> own = gains.stream().filter(g -> g.task().equals(task)).toList();
                    boolean higher = own.getFirst().after().higherIsBetter();
                    double sign = higher ? 1 : -1;
                    double after =
                            own.stream().mapToDouble(g -> sign * g.after().value()).max().orElse(0);
                    double before =
                            own.stream()
                                    .mapToDouble(g -> sign * g.before().value())
                                    .max()
                                    .orElse(0);
                    return after - before;
                })
                .average();
    }
}
