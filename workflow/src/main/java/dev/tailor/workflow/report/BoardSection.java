package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;
import dev.tailor.eval.Board;
import dev.tailor.eval.Metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// The boards: a table for each task, with standard errors and differences to the base.
final class BoardSection {
    private BoardSection() {}

    static Html render(ReportData data) {
        List<Html> tables = new ArrayList<>();
        data.boards()
                .forEach((stage, board) -> {
                    for (String task : board.taskNames()) {
                        tables.add(table(stage, board, task));
                    }
                });
        return Html.join(tables);
    }

    private static Html table(String stage, Board board, String task) {
        List<Board.Column> columns = board.columns(task);
        List<Html> head = new ArrayList<>();
        for (Board.Column column : columns) {
            head.add(
                    Html.of(
                            "<th title=\"{}\">{} <i>{}</i></th>",
                            column.higherIsBetter() ? "higher is better" : "lower is better",
                            Figures.words(column.metric()),
                            column.higherIsBetter() ? "↑" : "↓"));
        }
        List<Html> rows = new ArrayList<>();
        for (String model : board.modelNames()) {
            List<Html> cells = columns.stream().map(c -> cell(board, model, c)).toList();
            rows.add(Html.of("<tr><th scope=\"row\">{}</th>{}</tr>\n", model, cells));
        }
        int samples = board.result(board.baseModel(), task).map(r -> r.samples().size()).orElse(0);
        return Html.of(
                """
                <h3>{} <span class="soft">{} · {} samples · differences to {}</span></h3>
                <div class="scroll"><table class="board"><thead><tr><th></th>{}</tr></thead>
                <tbody>{}</tbody></table></div>
                """,
                task,
                stage,
                Figures.count(samples),
                board.baseModel(),
                head,
                rows);
    }

    private static Html cell(Board board, String model, Board.Column column) {
        Optional<Metric> measured = board.metric(model, column);
        if (measured.isEmpty()) {
            return Html.of("<td class=\"soft\">–</td>");
        }
        Metric metric = measured.get();
        OptionalDouble error = metric.standardError();
        String spread =
                error.isEmpty()
                        ? ""
                        : "±"
                                + (Figures.isShare(metric.name())
                                        ? Figures.percent(error.getAsDouble()).replace(" %", "")
                                        : Figures.number(error.getAsDouble()));
        Html delta =
                model.equals(board.baseModel())
                        ? Html.NOTHING
                        : Comparison.of(board, column, board.baseModel(), model)
                                .map(Deltas::of)
                                .orElse(Html.NOTHING);
        boolean best = isBest(board, column, metric);
        return Html.of(
                "<td{}><span class=\"value\">{}</span> <span class=\"error\">{}</span>{}</td>",
                new Html(best ? " class=\"best\"" : ""),
                Figures.metric(metric.name(), metric.value()),
                spread,
                delta);
    }

    private static boolean isBest(Board board, Board.Column column, Metric metric) {
        boolean unbeaten =
                board.modelNames().stream()
                        .flatMap(model -> board.metric(model, column).stream())
                        .noneMatch(other ->
                                column.higherIsBetter()
                                        ? other.value() > metric.value()
                                        : other.value() < metric.value());
        long equal =
                board.modelNames().stream()
                        .flatMap(model -> board.metric(model, column).stream())
                        .filter(other -> other.value() == metric.value())
                        .count();
        return unbeaten && equal < board.modelNames().size();
    }
}
