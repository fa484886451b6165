package dev.tailor.eval.internal;

import java.util.ArrayList;
import java.util.List;

/// Draws rows of cells; the first row is the head, the first column is aligned left, the rest
/// right.
public final class TextTable {
    private TextTable() {}

    /// Columns padded to equal width, two spaces between them.
    public static String aligned(List<List<String>> rows) {
        StringBuilder text = new StringBuilder();
        int[] widths = widths(rows);
        for (List<String> row : rows) {
            text.append(String.join("  ", padded(row, widths)).stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /// A Markdown table, padded so that its source is readable too.
    public static String markdown(List<List<String>> rows) {
        List<List<String>> escaped =
                rows.stream()
                        .map(row -> row.stream().map(cell -> cell.replace("|", "\\|")).toList())
                        .toList();
        int[] widths = widths(escaped);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < escaped.size(); i++) {
            text.append("| ")
                    .append(String.join(" | ", padded(escaped.get(i), widths)))
                    .append(" |\n");
            if (i == 0) {
                text.append(rule(widths));
            }
        }
        return text.toString();
    }

    private static String rule(int[] widths) {
        StringBuilder rule = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            String dashes = "-".repeat(widths[i] + 1);
            rule.append(i == 0 ? dashes + "-" : dashes + ":").append('|');
        }
        return rule.append('\n').toString();
    }

    private static int[] widths(List<List<String>> rows) {
        int[] widths = new int[rows.stream().mapToInt(List::size).max().orElse(0)];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return widths;
    }

    private static List<String> padded(List<String> row, int[] widths) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            String padding = " ".repeat(widths[i] - row.get(i).length());
            cells.add(i == 0 ? row.get(i) + padding : padding + row.get(i));
        }
        return cells;
    }
}
