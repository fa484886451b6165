package dev.tailor.eval.report;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.html.Html;
import dev.tailor.eval.Metric;
import dev.tailor.eval.ModelResult;
import dev.tailor.eval.TaskResult;
import dev.tailor.eval.internal.TextTable;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Figures of the same tasks over several runs.
///
/// @param runs in the order shown
public record History(List<Run> runs) {
    /// A run with what it measured.
    ///
    /// @param name what it is called in tables and charts
    /// @param time when its results were written
    public record Run(String name, Instant time, List<ModelResult> results) {}

    /// A figure that runs have: a metric of a task, of one model.
    private record Line(String task, String metric, boolean higherIsBetter, String model) {}

    public History {
        runs = List.copyOf(runs);
    }

    /// The figures, in the order in which they first appear.
    ///
    /// A model that has another name in each run is one line where every run measured one model.
    private List<Line> lines() {
        boolean single = runs.stream().allMatch(run -> run.results().size() == 1);
        Set<Line> lines = new LinkedHashSet<>();
        for (Run run : runs) {
            for (ModelResult result : run.results()) {
                for (TaskResult task : result.tasks()) {
                    for (Metric metric : task.metrics()) {
                        lines.add(
                                new Line(
                                        task.task(),
                                        metric.name(),
                                        metric.higherIsBetter(),
                                        single ? "" : result.model()));
                    }
                }
            }
        }
        return List.copyOf(lines);
    }

    private static Optional<Metric> metric(Run run, Line line) {
        return run.results().stream()
                .filter(result -> line.model().isEmpty() || result.model().equals(line.model()))
                .flatMap(result -> result.tasks().stream())
                .filter(task -> task.task().equals(line.task()))
                .flatMap(task -> task.metric(line.metric()).stream())
                .findFirst();
    }

    private List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("task.metric"));
        boolean named = lines().stream().anyMatch(line -> !line.model().isEmpty());
        if (named) {
            head.add("model");
        }
        runs.forEach(run -> head.add(run.name()));
        head.add("last change");
        rows.add(head);
        for (Line line : lines()) {
            List<String> row = new ArrayList<>();
            row.add(line.task() + "." + line.metric() + (line.higherIsBetter() ? " ↑" : " ↓"));
            if (named) {
                row.add(line.model());
            }
            for (Run run : runs) {
                row.add(metric(run, line).map(History::figure).orElse("-"));
            }
            row.add(lastChange(line));
            rows.add(row);
        }
        return rows;
    }

    private static String figure(Metric metric) {
        return Numbers.figure(metric.value())
                + (metric.standardError().isPresent()
                        ? " ±" + Numbers.figure(metric.standardError().getAsDouble())
                        : "");
    }

    /// The newest figure minus the one before it, with `*` where it is more than two of its
    /// standard errors, taken as those of independent measurements.
    private String lastChange(Line line) {
        List<Metric> known = runs.stream().flatMap(run -> metric(run, line).stream()).toList();
        if (known.size() < 2) {
            return "-";
        }
        Metric last = known.getLast();
        Metric before = known.get(known.size() - 2);
        double change = last.value() - before.value();
        boolean isKnown = last.standardError().isPresent() && before.standardError().isPresent();
        double error = Math.hypot(last.standardError().orElse(0), before.standardError().orElse(0));
        return Numbers.signed(change) + (isKnown && Math.abs(change) > 2 * error ? "*" : "");
    }

    private static String note() {
        return "± one standard error. * more than two standard errors of the change, both runs"
                + " taken as independent; compare two runs on the same items with tailor eval"
                + " board for more.";
    }

    /// A table for a terminal.
    public String text() {
        return TextTable.aligned(rows()) + "\n" + note() + "\n";
    }

    /// A table in Markdown.
    public String markdown() {
        return "# History\n\n" + TextTable.markdown(rows()) + "\n" + note() + "\n";
    }

    /// One object: `{"runs": [{"name", "time"}], "figures": [{"task", "metric", "model",
    /// "values"}]}` with null where a run has none.
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode named = root.putArray("runs");
        runs.forEach(run ->
                named.addObject().put("name", run.name()).put("time", run.time().toString()));
        ArrayNode figures = root.putArray("figures");
        for (Line line : lines()) {
            ObjectNode node =
                    figures.addObject().put("task", line.task()).put("metric", line.metric());
            if (!line.model().isEmpty()) {
                node.put("model", line.model());
            }
            node.put("higher_is_better", line.higherIsBetter());
            ArrayNode values = node.putArray("values");
            for (Run run : runs) {
                metric(run, line)
                        .ifPresentOrElse(m -> values.add(m.value()), () -> values.addNull());
            }
        }
        return root;
    }

    /// A page that stands alone, with a chart for each figure.
    public String page() {
        Map<List<String>, List<Line>> pictures = new LinkedHashMap<>();
        for (Line line : lines()) {
            pictures.computeIfAbsent(List.of(line.task(), line.metric()), key -> new ArrayList<>())
                    .add(line);
        }
        List<PointChart> charts = new ArrayList<>();
        pictures.forEach((key, lines) -> charts.add(chart(key, lines)));
        List<List<String>> times = new ArrayList<>();
        times.add(List.of("run", "models", "results written"));
        for (Run run : runs) {
            times.add(
                    List.of(
                            run.name(),
                            String.join(
                                    ", ", run.results().stream().map(ModelResult::model).toList()),
                            run.time().truncatedTo(ChronoUnit.SECONDS).toString()));
        }
        return Pages.page(
                "History",
                runs.size()
                        + " runs from "
                        + runs.getFirst().name()
                        + " to "
                        + runs.getLast().name(),
                List.of(
                        Pages.section("Charts", Pages.charts(charts)),
                        Pages.section(
                                "Figures",
                                Html.of("{}{}", Pages.table(rows()), Pages.note(note()))),
                        Pages.section("Runs", Pages.table(times))));
    }

    private PointChart chart(List<String> key, List<Line> lines) {
        List<PointChart.Series> series = new ArrayList<>();
        for (Line line : lines) {
            List<PointChart.Point> points = new ArrayList<>();
            for (Run run : runs) {
                points.add(
                        metric(run, line)
                                .map(m ->
                                        new PointChart.Point(
                                                m.value(), m.standardError().orElse(0)))
                                .orElse(PointChart.Point.NONE));
            }
            series.add(new PointChart.Series(line.model(), points));
        }
        String arrow = lines.getFirst().higherIsBetter() ? " ↑" : " ↓";
        return new PointChart(
                key.get(0) + ", " + key.get(1) + arrow,
                runs.stream().map(Run::name).toList(),
                series);
    }

    /// Writes `history.html`, `history.md` and `history.json` into a directory.
    public void write(Path directory) {
        AtomicWrite.text(directory.resolve("history.html"), page());
        AtomicWrite.text(directory.resolve("history.md"), markdown());
        AtomicWrite.text(
                directory.resolve("history.json"),
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json())
                        + "\n");
    }
}
