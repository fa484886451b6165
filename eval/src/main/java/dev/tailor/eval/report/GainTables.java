package dev.tailor.eval.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/// The tables of a [GainBoard] as rows of cells; the first row is the head.
final class GainTables {
    private final GainBoard board;

    GainTables(GainBoard board) {
        this.board = board;
    }

    /// The board in a sentence or two.
    String headline() {
        GainBoard.Summary all = board.total();
        StringBuilder text = new StringBuilder();
        text.append(all.wins()).append(" of ").append(all.gains());
        text.append(all.gains() == 1 ? " tuned model surpasses" : " tuned models surpass");
        text.append(" the base, ").append(all.significant()).append(" significantly; mean gain ");
        text.append(Numbers.signed(all.gain())).append(", best ");
        text.append(Numbers.signed(all.best().value())).append(" (");
        text.append(all.best().task()).append(").");
        OptionalDouble best = board.bestOverBest();
        if (best.isPresent()) {
            text.append(" The best tuned model of a task is ")
                    .append(Numbers.signed(best.getAsDouble()))
                    .append(" above the best base on average.");
        }
        board.baseline()
                .ifPresent(name ->
                        text.append(" ")
                                .append(all.overBaseline())
                                .append(" of ")
                                .append(all.withBaseline())
                                .append(" surpass ")
                                .append(name)
                                .append('.'));
        return text.toString();
    }

    /// What the marks mean.
    String note() {
        long compared = board.gains().stream().filter(g -> g.pValue().isPresent()).count();
        return (compared > 0
                        ? "* significant at 5 % after Holm's correction for "
                                + compared
                                + (compared == 1 ? " comparison" : " comparisons")
                                + " (McNemar's exact test or a paired bootstrap over the same"
                                + " items)."
                        : "The items behind the figures are not known: nothing can be said about"
                                + " chance.")
                + " ± one standard error. A positive gain is for the better.";
    }

    List<List<String>> categories() {
        List<List<String>> rows = new ArrayList<>();
        List<String> head =
                new ArrayList<>(
                        List.of(
                                "category",
                                "tasks",
                                "base",
                                "tuned",
                                "mean gain",
                                "wins",
                                "significant",
                                "best gain"));
        board.baseline().ifPresent(name -> head.add("wins over " + name));
        rows.add(head);
        for (GainBoard.Summary summary : board.summaries()) {
            List<String> row =
                    new ArrayList<>(
                            List.of(
                                    summary.name(),
                                    String.valueOf(summary.gains()),
                                    Numbers.figure(summary.before()),
                                    Numbers.figure(summary.after()),
                                    Numbers.signed(summary.gain()),
                                    String.valueOf(summary.wins()),
                                    String.valueOf(summary.significant()),
                                    Numbers.signed(summary.best().value())
                                            + " ("
                                            + summary.best().task()
                                            + ")"));
            board.baseline()
                    .ifPresent(name ->
                            row.add(
                                    summary.withBaseline() == 0
                                            ? "-"
                                            : summary.overBaseline()
                                                    + " of "
                                                    + summary.withBaseline()));
            rows.add(row);
        }
        return rows;
    }

    /// The tasks of one tuned model.
    List<List<String>> tasks(String tuned) {
        List<Gain> gains =
                board.gains().stream().filter(gain -> gain.tuned().equals(tuned)).toList();
        List<Integer> shots = shots(gains);
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("task", "metric", "items"));
        if (shots.isEmpty()) {
            head.add("base");
        }
        shots.forEach(count -> head.add("base, " + count + (count == 1 ? " shot" : " shots")));
        head.add("tuned");
        head.add("gain");
        if (!shots.isEmpty()) {
            head.add("over best shots");
        }
        board.baseline().ifPresent(head::add);
        rows.add(head);
        gains.forEach(gain -> rows.add(row(gain, shots)));
        return rows;
    }

    private List<String> row(Gain gain, List<Integer> shots) {
        List<String> row =
                new ArrayList<>(
                        List.of(
                                gain.task(),
                                gain.after().name() + (gain.after().higherIsBetter() ? " ↑" : " ↓"),
                                gain.samples() == 0 ? "-" : String.valueOf(gain.samples())));
        if (shots.isEmpty()) {
            row.add(Numbers.figure(gain.before().value()));
        }
        for (int count : shots) {
            row.add(
                    gain.shots().stream()
                            .filter(figure -> figure.shots() == count)
                            .findFirst()
                            .map(figure -> Numbers.figure(figure.metric().value()))
                            .orElse("-"));
        }
        row.add(
                Numbers.figure(gain.after().value())
                        + (gain.after().standardError().isPresent()
                                ? " ±" + Numbers.figure(gain.after().standardError().getAsDouble())
                                : ""));
        row.add(gain(gain));
        if (!shots.isEmpty()) {
            row.add(
                    gain.overBestShots().isPresent()
                            ? Numbers.signed(gain.overBestShots().getAsDouble())
                            : "-");
        }
        board.baseline()
                .ifPresent(name ->
                        row.add(
                                gain.baseline().isPresent()
                                        ? Numbers.figure(gain.baseline().getAsDouble())
                                        : "-"));
        return row;
    }

    /// A gain with its mark.
    static String gain(Gain gain) {
        return Numbers.signed(gain.value()) + (gain.isSignificant() ? "*" : "");
    }

    private static List<Integer> shots(List<Gain> gains) {
        Set<Integer> shots = new LinkedHashSet<>();
        gains.forEach(gain -> gain.shots().forEach(figure -> shots.add(figure.shots())));
        return shots.stream().sorted().toList();
    }

    /// Tasks against models: each cell the tuned figure with its gain.
    List<List<String>> matrix() {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("task"));
        head.addAll(board.tunedModels());
        rows.add(head);
        for (String task : board.tasks()) {
            List<String> row = new ArrayList<>(List.of(task));
            for (String model : board.tunedModels()) {
                row.add(
                        board.gain(model, task)
                                .map(gain ->
                                        Numbers.figure(gain.after().value())
                                                + " ("
                                                + gain(gain)
                                                + ")")
                                .orElse("-"));
            }
            rows.add(row);
        }
        return rows;
    }
}
