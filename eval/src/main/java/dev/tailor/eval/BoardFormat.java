package dev.tailor.eval;

import dev.tailor.eval.internal.TextTable;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// Ways to write a [Board]. `±` is one standard error; the difference to the base stands in
/// parentheses, with `*` where it exceeds two of its standard errors.
public enum BoardFormat {
    /// Aligned columns for a terminal.
    TEXT {
        @Override
        public String render(Board board) {
            return tables(board, TextTable::aligned);
        }
    },
    /// Tables for a README or an issue.
    MARKDOWN {
        @Override
        public String render(Board board) {
            return tables(board, TextTable::markdown);
        }
    },
    /// One line per model and metric, for a spreadsheet.
    CSV {
        @Override
        public String render(Board board) {
            StringBuilder csv =
                    new StringBuilder(
                            "model,task,metric,higher_is_better,value,standard_error,"
                                    + "difference,difference_standard_error\n");
            for (String model : board.modelNames()) {
                for (Board.Column column : board.columns()) {
                    board.cell(model, column)
                            .ifPresent(cell -> csv.append(csvLine(model, column, cell)));
                }
            }
            return csv.toString();
        }
    },
    /// One object, for programs.
    JSON {
        @Override
        public String render(Board board) {
            return json(board).toString();
        }
    };

    /// The board as text; ends with a line break except for JSON.
    public abstract String render(Board board);

    /// The board as a JSON object: `{"base", "models": [{"model", "tasks": {task: {metric: {value,
    /// standard_error, difference, difference_standard_error, higher_is_better}}}}]}`.
    public static ObjectNode json(Board board) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("base", board.baseModel());
        ArrayNode models = root.putArray("models");
        for (String model : board.modelNames()) {
            ObjectNode tasks = models.addObject().put("model", model).putObject("tasks");
            for (Board.Column column : board.columns()) {
                board.cell(model, column)
                        .ifPresent(cell ->
                                put(
                                        tasks.withObjectProperty(column.task())
                                                .putObject(column.metric()),
                                        column,
                                        cell));
            }
        }
        return root;
    }

    private static void put(ObjectNode node, Board.Column column, Board.Cell cell) {
        node.put("value", cell.value());
        cell.standardError().ifPresent(error -> node.put("standard_error", error));
        cell.difference().ifPresent(difference -> node.put("difference", difference));
        cell.differenceStandardError()
                .ifPresent(error -> node.put("difference_standard_error", error));
        node.put("higher_is_better", column.higherIsBetter());
    }

    private static String csvLine(String model, Board.Column column, Board.Cell cell) {
        return String.join(
                        ",",
                        quoted(model),
                        quoted(column.task()),
                        column.metric(),
                        String.valueOf(column.higherIsBetter()),
                        String.valueOf(cell.value()),
                        orEmpty(cell.standardError()),
                        orEmpty(cell.difference()),
                        orEmpty(cell.differenceStandardError()))
                + "\n";
    }

    private static String quoted(String text) {
        return text.contains(",") || text.contains("\"")
                ? '"' + text.replace("\"", "\"\"") + '"'
                : text;
    }

    private static String orEmpty(OptionalDouble value) {
        return value.isPresent() ? String.valueOf(value.getAsDouble()) : "";
    }

    private interface TableStyle {
        String draw(List<List<String>> rows);
    }

    /// One table per task: a row per model, a column per metric.
    private static String tables(Board board, TableStyle style) {
        List<String> tables = new ArrayList<>();
        for (String task : board.taskNames()) {
            List<Board.Column> columns = board.columns(task);
            List<List<String>> rows = new ArrayList<>();
            List<String> head = new ArrayList<>(List.of(task));
            columns.forEach(c -> head.add(c.metric() + (c.higherIsBetter() ? " ↑" : " ↓")));
            rows.add(head);
            for (String model : board.modelNames()) {
                List<String> row = new ArrayList<>(List.of(model));
                columns.forEach(column -> row.add(text(board.cell(model, column))));
                rows.add(row);
            }
            tables.add(style.draw(rows));
        }
        return String.join("\n", tables);
    }

    private static String text(Optional<Board.Cell> measured) {
        if (measured.isEmpty()) {
            return "-";
        }
        Board.Cell cell = measured.get();
        StringBuilder text = new StringBuilder(number(cell.value()));
        cell.standardError().ifPresent(error -> text.append(" ±").append(number(error)));
        cell.difference()
                .ifPresent(difference ->
                        text.append(" (")
                                .append(difference < 0 ? "" : "+")
                                .append(number(difference))
                                .append(cell.isSignificant() ? "*" : "")
                                .append(')'));
        return text.toString();
    }

    /// Three decimals for shares, fewer for large figures.
    private static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 1000 ? "%.0f" : size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }
}
