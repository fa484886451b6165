package dev.tailor.eval.report;

import dev.tailor.core.html.Html;
import dev.tailor.eval.Board;
import dev.tailor.eval.Metric;
import dev.tailor.eval.PairedComparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An evaluation as a page that stands alone: a table for each task, the differences to the first
/// model, and curves over the number of examples.
public final class EvaluationPage {
    private final Board board;
    private final List<PairedComparison> comparisons;

    private EvaluationPage(Board board) {
        this.board = board;
        this.comparisons = PairedComparison.of(board);
    }

    /// The page of a board. A task that was asked with several numbers of examples is called
    /// `TASK@N`.
    public static String render(Board board) {
        return new EvaluationPage(board).page();
    }

    private String page() {
        List<Html> tables = new ArrayList<>();
        byTask().forEach((task, variants) -> tables.add(table(task, variants)));
        List<Html> sections = new ArrayList<>();
        sections.add(Pages.section("By number of examples", Pages.charts(charts())));
        sections.add(Pages.section("Figures", Html.join(tables)));
        sections.add(
                Pages.note(
                        "± one standard error."
                                + (comparisons.isEmpty()
                                        ? ""
                                        : " In parentheses the difference to "
                                                + board.baseModel()
                                                + ", with * where it is significant at 5 % after"
                                                + " Holm's correction for "
                                                + comparisons.size()
                                                + " comparisons.")));
        String models = String.join(", ", board.modelNames());
        return Pages.page(
                "Evaluation", models + " by " + String.join(", ", byTask().keySet()), sections);
    }

    /// The names of a task by its name without the number of examples.
    private Map<String, List<String>> byTask() {
        Map<String, List<String>> tasks = new LinkedHashMap<>();
        for (String name : board.taskNames()) {
            tasks.computeIfAbsent(GainBoard.plainName(name), k -> new ArrayList<>()).add(name);
        }
        return tasks;
    }

    private static String variant(String task, String name) {
        return name.equals(task) ? "" : name.substring(task.length() + 1) + " shots";
    }

    private Html table(String task, List<String> variants) {
        List<Board.Column> columns = board.columns(variants.getFirst());
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(""));
        columns.forEach(c -> head.add(c.metric() + (c.higherIsBetter() ? " ↑" : " ↓")));
        rows.add(head);
        for (String model : board.modelNames()) {
            for (String name : variants) {
                List<String> row = new ArrayList<>();
                String which = variant(task, name);
                row.add(which.isEmpty() ? model : model + ", " + which);
                for (Board.Column column : columns) {
                    row.add(
                            cell(
                                    model,
                                    new Board.Column(
                                            name, column.metric(), column.higherIsBetter())));
                }
                rows.add(row);
            }
        }
        int items =
                board.result(board.baseModel(), variants.getFirst())
                        .map(result -> result.samples().size())
                        .orElse(0);
        return Html.of(
                "<h3>{} <span class=\"soft\">{} items</span></h3>\n{}",
                task,
                items,
                Pages.table(rows));
    }

    private String cell(String model, Board.Column column) {
        Optional<Metric> metric = board.metric(model, column);
        if (metric.isEmpty()) {
            return "-";
        }
        StringBuilder text = new StringBuilder(Numbers.figure(metric.get().value()));
        metric.get()
                .standardError()
                .ifPresent(error -> text.append(" ±").append(Numbers.figure(error)));
        comparisons.stream()
                .filter(c -> c.model().equals(model) && c.column().equals(column))
                .findFirst()
                .ifPresent(c ->
                        text.append(" (")
                                .append(Numbers.signed(c.difference()))
                                .append(c.isSignificant() ? "*)" : ")"));
        return text.toString();
    }

    private List<PointChart> charts() {
        List<PointChart> charts = new ArrayList<>();
        byTask().forEach((task, variants) -> {
            if (variants.size() > 1) {
                board.columns(variants.getFirst())
                        .forEach(column -> charts.add(chart(task, variants, column)));
            }
        });
        return charts;
    }

    private PointChart chart(String task, List<String> variants, Board.Column column) {
        List<PointChart.Series> series = new ArrayList<>();
        for (String model : board.modelNames()) {
            List<PointChart.Point> points = new ArrayList<>();
            for (String name : variants) {
                points.add(
                        board.metric(
                                        model,
                                        new Board.Column(
                                                name, column.metric(), column.higherIsBetter()))
                                .map(m ->
                                        new PointChart.Point(
                                                m.value(), m.standardError().orElse(0)))
                                .orElse(PointChart.Point.NONE));
            }
            series.add(new PointChart.Series(model, points));
        }
        List<String> labels = variants.stream().map(name -> variant(task, name)).toList();
        return new PointChart(task + ", " + column.metric(), labels, series);
    }
}
