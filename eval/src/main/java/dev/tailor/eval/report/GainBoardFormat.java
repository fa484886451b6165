package dev.tailor.eval.report;

import dev.tailor.core.AtomicWrite;
import dev.tailor.eval.internal.TextTable;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/// Ways to write a [GainBoard].
public final class GainBoardFormat {
    private GainBoardFormat() {}

    /// Writes `board.html`, `board.md`, `board.csv` and `board.json` into a directory.
    public static void write(Path directory, String title, GainBoard board) {
        AtomicWrite.text(directory.resolve("board.html"), GainBoardPage.render(title, board));
        AtomicWrite.text(directory.resolve("board.md"), markdown(title, board));
        AtomicWrite.text(directory.resolve("board.csv"), csv(board));
        AtomicWrite.text(
                directory.resolve("board.json"),
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json(board))
                        + "\n");
    }

    /// Aligned columns for a terminal.
    public static String text(GainBoard board) {
        GainTables tables = new GainTables(board);
        StringBuilder text = new StringBuilder(tables.headline()).append("\n\n");
        text.append(TextTable.aligned(tables.categories()));
        if (board.tunedModels().size() > 1) {
            text.append('\n').append(TextTable.aligned(tables.matrix()));
        } else {
            text.append('\n')
                    .append(TextTable.aligned(tables.tasks(board.tunedModels().getFirst())));
        }
        text.append('\n').append(tables.note()).append('\n');
        board.leftOut().forEach(why -> text.append("left out: ").append(why).append('\n'));
        return text.toString();
    }

    /// Tables for a README or an issue.
    public static String markdown(String title, GainBoard board) {
        GainTables tables = new GainTables(board);
        StringBuilder text = new StringBuilder("# ").append(title).append("\n\n");
        text.append(tables.headline()).append("\n\n");
        text.append(TextTable.markdown(tables.categories()));
        if (board.tunedModels().size() > 1) {
            text.append("\n## Models and tasks\n\n").append(TextTable.markdown(tables.matrix()));
        }
        for (String model : board.tunedModels()) {
            text.append("\n## ").append(model).append("\n\n");
            text.append(TextTable.markdown(tables.tasks(model)));
        }
        text.append('\n').append(tables.note()).append('\n');
        if (!board.leftOut().isEmpty()) {
            text.append("\nLeft out:\n\n");
            board.leftOut().forEach(why -> text.append("- ").append(why).append('\n'));
        }
        return text.toString();
    }

    /// One line per tuned model and task, for a spreadsheet.
    public static String csv(GainBoard board) {
        StringBuilder csv =
                new StringBuilder(
                        "base,tuned,category,task,metric,higher_is_better,items,base_value,"
                                + "tuned_value,tuned_standard_error,gain,p_holm,best_shots_gain,"
                                + "baseline_value\n");
        for (Gain gain : board.gains()) {
            csv.append(
                    String.join(
                            ",",
                            quoted(gain.base()),
                            quoted(gain.tuned()),
                            quoted(gain.category()),
                            quoted(gain.task()),
                            quoted(gain.after().name()),
                            String.valueOf(gain.after().higherIsBetter()),
                            String.valueOf(gain.samples()),
                            String.valueOf(gain.before().value()),
                            String.valueOf(gain.after().value()),
                            orEmpty(gain.after().standardError()),
                            String.valueOf(gain.value()),
                            orEmpty(gain.pValue()),
                            orEmpty(gain.overBestShots()),
                            orEmpty(gain.baseline())));
            csv.append('\n');
        }
        return csv.toString();
    }

    private static String quoted(String text) {
        return text.matches("(?s).*[,\"\\r\\n].*") ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }

    private static String orEmpty(OptionalDouble value) {
        return value.isPresent() ? String.valueOf(value.getAsDouble()) : "";
    }

    /// One object, for programs: `{"baseline", "all", "categories": [...], "gains": [...]}`.
    public static ObjectNode json(GainBoard board) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        board.baseline().ifPresent(name -> root.put("baseline", name));
        List<GainBoard.Summary> summaries = board.summaries();
        put(root.putObject("all"), summaries.getLast());
        board.bestOverBest().ifPresent(value -> root.put("best_over_best", value));
        ArrayNode categories = root.putArray("categories");
        summaries
                .subList(0, summaries.size() - 1)
                .forEach(summary -> put(categories.addObject(), summary));
        ArrayNode gains = root.putArray("gains");
        board.gains().forEach(gain -> put(gains.addObject(), gain));
        ArrayNode leftOut = root.putArray("left_out");
        board.leftOut().forEach(leftOut::add);
        return root;
    }

    private static void put(ObjectNode node, GainBoard.Summary summary) {
        node.put("name", summary.name())
                .put("gains", summary.gains())
                .put("base_mean", summary.before())
                .put("tuned_mean", summary.after())
                .put("mean_gain", summary.gain())
                .put("wins", summary.wins())
                .put("significant_wins", summary.significant())
                .put("best_gain", summary.best().value())
                .put("best_task", summary.best().task());
        if (summary.withBaseline() > 0) {
            node.put("wins_over_baseline", summary.overBaseline())
                    .put("compared_with_baseline", summary.withBaseline());
        }
    }

    private static void put(ObjectNode node, Gain gain) {
        node.put("base", gain.base())
                .put("tuned", gain.tuned())
                .put("category", gain.category())
                .put("task", gain.task())
                .put("metric", gain.after().name())
                .put("higher_is_better", gain.after().higherIsBetter())
                .put("items", gain.samples())
                .put("base_value", gain.before().value())
                .put("tuned_value", gain.after().value())
                .put("gain", gain.value())
                .put("significant", gain.isSignificant());
        gain.after().standardError().ifPresent(e -> node.put("tuned_standard_error", e));
        gain.pValue().ifPresent(p -> node.put("p_holm", p));
        gain.baseline().ifPresent(value -> node.put("baseline_value", value));
        ArrayNode shots = node.putArray("shots");
        gain.shots()
                .forEach(figure ->
                        shots.addObject()
                                .put("shots", figure.shots())
                                .put("value", figure.metric().value()));
    }
}
