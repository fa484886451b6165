package dev.tailor.eval;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// Models against metrics, with the difference of each figure to the base model's. Rendered by
/// [BoardFormat].
///
/// @param models what each model reached, in the order shown
/// @param baseModel name of the model that differences are taken to
public record Board(List<ModelResult> models, String baseModel) {
    /// A board whose first model is the base.
    public static Board of(List<ModelResult> models) {
        if (models.isEmpty()) {
            throw new IllegalArgumentException("a board needs at least one model");
        }
        return new Board(List.copyOf(models), models.getFirst().model());
    }

    /// A column: a metric of a task.
    public record Column(String task, String metric, boolean higherIsBetter) {
        /// `task.metric`, as gates name it.
        public String path() {
            return task + "." + metric;
        }
    }

    /// A figure with its difference to the base.
    ///
    /// @param value the figure
    /// @param standardError its standard error, where it has one
    /// @param difference figure minus the base's; empty for the base itself
    /// @param differenceStandardError standard error of the difference over the same samples
    public record Cell(
            double value,
            OptionalDouble standardError,
            OptionalDouble difference,
            OptionalDouble differenceStandardError) {
        /// Whether the difference is more than two of its standard errors away from nothing.
        public boolean isSignificant() {
            return difference.isPresent()
                    && differenceStandardError.isPresent()
                    && Math.abs(difference.getAsDouble())
                            > 2 * differenceStandardError.getAsDouble();
        }
    }

    /// The names of the models.
    public List<String> modelNames() {
        return models.stream().map(ModelResult::model).toList();
    }

    /// The same board with one more model, under a name of its own.
    public Board with(String name, ModelResult result) {
        List<ModelResult> more = new ArrayList<>(models);
        more.add(new ModelResult(name, result.tasks()));
        return new Board(List.copyOf(more), baseModel);
    }

    /// The tasks any model was given, in order of first appearance.
    public List<String> taskNames() {
        Set<String> names = new LinkedHashSet<>();
        models.forEach(model -> model.tasks().forEach(task -> names.add(task.task())));
        return List.copyOf(names);
    }

    /// The columns of one task.
    public List<Column> columns(String task) {
        List<Column> columns = new ArrayList<>();
        Set<String> seen = new LinkedHashSet<>();
        for (ModelResult model : models) {
            for (TaskResult result : model.tasks()) {
                for (Metric metric : result.metrics()) {
                    if (result.task().equals(task) && seen.add(metric.name())) {
                        columns.add(new Column(task, metric.name(), metric.higherIsBetter()));
                    }
                }
            }
        }
        return columns;
    }

    /// The columns of all tasks.
    public List<Column> columns() {
        return taskNames().stream().flatMap(task -> columns(task).stream()).toList();
    }

    /// What a model reached in a task.
    public Optional<TaskResult> result(String model, String task) {
        return models.stream()
                .filter(result -> result.model().equals(model))
                .flatMap(result -> result.tasks().stream())
                .filter(result -> result.task().equals(task))
                .findFirst();
    }

    /// A model's metric.
    public Optional<Metric> metric(String model, Column column) {
        return result(model, column.task()).flatMap(result -> result.metric(column.metric()));
    }

    /// The figure of a model in a column, if it was measured.
    public Optional<Cell> cell(String model, Column column) {
        return metric(model, column)
                .map(metric -> {
                    Optional<Metric> base =
                            model.equals(baseModel) ? Optional.empty() : metric(baseModel, column);
                    return new Cell(
                            metric.value(),
                            metric.standardError(),
                            base.map(b -> OptionalDouble.of(metric.value() - b.value()))
                                    .orElse(OptionalDouble.empty()),
                            base.map(metric::standardErrorOfDifference)
                                    .orElse(OptionalDouble.empty()));
                });
    }
}
