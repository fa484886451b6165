package dev.tailor.eval;

import dev.tailor.eval.internal.TextTable;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What the differences on a board amount to, and which items they come from.
public final class ComparisonReport {
    private static final int SHOWN = 5;
    private static final int LONGEST = 400;

    private final Board board;
    private final List<PairedComparison> comparisons;

    private ComparisonReport(Board board, List<PairedComparison> comparisons) {
        this.board = board;
        this.comparisons = comparisons;
    }

    /// The comparisons of a board; there are none on one with a single model.
    public static ComparisonReport of(Board board) {
        return new ComparisonReport(board, PairedComparison.of(board));
    }

    /// Whether there is nothing to compare.
    public boolean isEmpty() {
        return comparisons.isEmpty();
    }

    /// A table for a terminal with a line below that says how it is meant.
    public String text() {
        return isEmpty() ? "" : TextTable.aligned(rows()) + note() + "\n";
    }

    /// A section in Markdown, with some of the items won and lost.
    public String markdown() {
        if (isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("## Differences\n\n");
        text.append(TextTable.markdown(rows())).append('\n').append(note()).append('\n');
        for (PairedComparison comparison : comparisons) {
            if (isHeadline(comparison.column())) {
                comparison.duel().ifPresent(duel -> items(text, comparison, duel));
            }
        }
        return text.toString();
    }

    /// One JSON object per comparison.
    public ArrayNode json() {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (PairedComparison comparison : comparisons) {
            ObjectNode node =
                    array.addObject()
                            .put("model", comparison.model())
                            .put("base", comparison.base())
                            .put("task", comparison.column().task())
                            .put("metric", comparison.column().metric())
                            .put("difference", comparison.difference())
                            .put("standard_error", comparison.standardError())
                            .put("low", comparison.bootstrap().low())
                            .put("high", comparison.bootstrap().high())
                            .put("p_bootstrap", comparison.bootstrap().pValue())
                            .put("p", comparison.pValue())
                            .put("p_holm", comparison.adjustedPValue())
                            .put("detectable", comparison.detectable());
            comparison
                    .duel()
                    .ifPresent(duel -> {
                        node.put("wins", duel.wins().size());
                        node.put("losses", duel.losses().size());
                        node.put("ties", duel.ties());
                        duel.mcNemar().ifPresent(p -> node.put("p_mcnemar", p));
                    });
        }
        return array;
    }

    /// Every item won and lost, by the first metric of each task: one JSON object a line.
    public String itemLines() {
        StringBuilder lines = new StringBuilder();
        for (PairedComparison comparison : comparisons) {
            if (isHeadline(comparison.column()) && comparison.duel().isPresent()) {
                Duel duel = comparison.duel().get();
                duel.wins().forEach(i -> lines.append(item(comparison, i, "win")).append('\n'));
                duel.losses().forEach(i -> lines.append(item(comparison, i, "loss")).append('\n'));
            }
        }
        return lines.toString();
    }

    private ObjectNode item(PairedComparison comparison, int index, String outcome) {
        GradedSample before = sample(comparison.base(), comparison, index);
        GradedSample after = sample(comparison.model(), comparison, index);
        String metric = comparison.column().metric();
        ObjectNode node =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("task", comparison.column().task())
                        .put("metric", metric)
                        .put("base", comparison.base())
                        .put("model", comparison.model())
                        .put("outcome", outcome)
                        .put("id", after.id())
                        .put("prompt", after.prompt());
        ArrayNode references = node.putArray("references");
        after.references().forEach(references::add);
        return node.put("base_answer", before.answer())
                .put("answer", after.answer())
                .put("base_value", before.values().get(metric))
                .put("value", after.values().get(metric));
    }

    private List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(
                List.of(
                        "against " + board.baseModel(),
                        "metric",
                        "difference",
                        "95 % interval",
                        "p",
                        "p (Holm)",
                        "won/lost/alike",
                        "detectable"));
        for (PairedComparison comparison : comparisons) {
            rows.add(
                    List.of(
                            comparison.model(),
                            comparison.column().path(),
                            signed(comparison.difference())
                                    + (comparison.isSignificant() ? "*" : ""),
                            signed(comparison.bootstrap().low())
                                    + " to "
                                    + signed(comparison.bootstrap().high()),
                            probability(comparison.pValue()),
                            probability(comparison.adjustedPValue()),
                            comparison
                                    .duel()
                                    .map(duel ->
                                            duel.wins().size()
                                                    + "/"
                                                    + duel.losses().size()
                                                    + "/"
                                                    + duel.ties())
                                    .orElse("-"),
                            String.format(Locale.ROOT, "%.3f", comparison.detectable())));
        }
        return rows;
    }

    private String note() {
        return "* significant at 5 % after Holm's correction for "
                + comparisons.size()
                + (comparisons.size() == 1 ? " comparison" : " comparisons")
                + ". p: McNemar's exact test where answers are right or wrong, else a paired"
                + " bootstrap.\ndetectable: the true difference that these items show four times in"
                + " five.\n";
    }

    private void items(StringBuilder text, PairedComparison comparison, Duel duel) {
        text.append("\n### ")
                .append(comparison.model())
                .append(" against ")
                .append(comparison.base())
                .append(": ")
                .append(comparison.column().path())
                .append('\n');
        items(text, comparison, duel.wins(), "Won");
        items(text, comparison, duel.losses(), "Lost");
    }

    private void items(
            StringBuilder text, PairedComparison comparison, List<Integer> items, String title) {
        text.append("\n**")
                .append(title)
                .append("** ")
                .append(items.size())
                .append(items.size() > SHOWN ? ", the first " + SHOWN + ":\n" : "\n");
        for (int index : items.subList(0, Math.min(SHOWN, items.size()))) {
            GradedSample after = sample(comparison.model(), comparison, index);
            GradedSample before = sample(comparison.base(), comparison, index);
            text.append("\n- `").append(after.id().replace("`", "'")).append("` ");
            text.append(clipped(after.prompt())).append('\n');
            if (!after.references().isEmpty()) {
                text.append("  - expected: ")
                        .append(clipped(String.join(" / ", after.references())))
                        .append('\n');
            }
            answer(text, comparison.base(), before);
            answer(text, comparison.model(), after);
        }
    }

    private static void answer(StringBuilder text, String model, GradedSample sample) {
        text.append("  - ")
                .append(model)
                .append(": ")
                .append(sample.answer().isBlank() ? "(nothing)" : clipped(sample.answer()))
                .append('\n');
    }

    private boolean isHeadline(Board.Column column) {
        return board.columns(column.task()).getFirst().equals(column);
    }

    private GradedSample sample(String model, PairedComparison comparison, int index) {
        return board.result(model, comparison.column().task()).orElseThrow().samples().get(index);
    }

    /// One line, no longer than a reader wants it, that Markdown shows as it stands.
    private static String clipped(String text) {
        String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        int length = line.codePointCount(0, line.length());
        String shown =
                length <= LONGEST
                        ? line
                        : line.substring(0, line.offsetByCodePoints(0, LONGEST)) + "…";
        return shown.replaceAll("([\\\\`*_\\[\\]<>#|])", "\\\\$1");
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%+.3f", value);
    }

    private static String probability(double p) {
        return p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
    }
}
