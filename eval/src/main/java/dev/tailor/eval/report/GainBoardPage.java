package dev.tailor.eval.report;

import dev.tailor.core.html.Html;

import java.util.ArrayList;
import java.util.List;

/// A [GainBoard] as a page that stands alone.
final class GainBoardPage {
    private GainBoardPage() {}

    static String render(String title, GainBoard board) {
        GainTables tables = new GainTables(board);
        List<Html> sections = new ArrayList<>();
        sections.add(Pages.section("By category", Pages.table(tables.categories())));
        sections.add(Pages.section("Gain of each task", bars(board)));
        if (board.tunedModels().size() > 1) {
            sections.add(Pages.section("Models and tasks", Pages.table(tables.matrix())));
        }
        for (String model : board.tunedModels()) {
            sections.add(Pages.section(model, Pages.table(tables.tasks(model))));
        }
        sections.add(Pages.section("Zero-shot, few-shot and tuned", curves(board)));
        sections.add(Html.of("{}{}", Pages.note(tables.note()), leftOut(board)));
        return Pages.page(title, tables.headline(), sections);
    }

    private static Html leftOut(GainBoard board) {
        return board.leftOut().isEmpty()
                ? Html.NOTHING
                : Pages.note("Left out: " + String.join("; ", board.leftOut()));
    }

    /// A bar for each gain, from the base's figure to the tuned model's.
    private static Html bars(GainBoard board) {
        double most =
                board.gains().stream()
                        .mapToDouble(g -> Math.max(g.before().value(), g.after().value()))
                        .max()
                        .orElse(1);
        double full = most <= 1 ? 1 : most;
        List<Html> rows = new ArrayList<>();
        for (String category : board.categories()) {
            rows.add(Html.of("<tr><th class=\"group\" colspan=\"3\">{}</th></tr>\n", category));
            board.gains().stream()
                    .filter(gain -> gain.category().equals(category))
                    .forEach(gain -> rows.add(bar(gain, full, board.tunedModels().size() > 1)));
        }
        return Html.of(
                "<div class=\"scroll\"><table class=\"bars\"><tbody>{}</tbody></table></div>",
                rows);
    }

    private static Html bar(Gain gain, double full, boolean named) {
        double before = Math.max(0, gain.before().value()) / full;
        double after = Math.max(0, gain.after().value()) / full;
        String look = gain.isWin() ? "up" : "down";
        return Html.of(
                """
                <tr><th scope="row">{}{}</th><td class="bar"><svg viewBox="0 0 400 16" \
                preserveAspectRatio="none" role="img" aria-label="{} to {}">\
                <rect class="track" x="0" y="7" width="400" height="2"/>\
                <rect class="{}" x="{}" y="3" width="{}" height="10"/>\
                <rect class="before" x="{}" y="1" width="2" height="14"/></svg></td>\
                <td class="{}">{}</td></tr>
                """,
                gain.task(),
                named ? Html.of(" <span class=\"soft\">{}</span>", gain.tuned()) : Html.NOTHING,
                Numbers.figure(gain.before().value()),
                Numbers.figure(gain.after().value()),
                look,
                pixel(Math.min(before, after)),
                pixel(Math.abs(after - before)),
                pixel(before),
                gain.isSignificant() ? gain.isWin() ? "good" : "bad" : "noise",
                GainTables.gain(gain));
    }

    private static String pixel(double share) {
        return String.format(java.util.Locale.ROOT, "%.1f", share * 398);
    }

    /// The base by number of examples, and the tuned model as a level beside it.
    private static Html curves(GainBoard board) {
        List<PointChart> charts = new ArrayList<>();
        for (Gain gain : board.gains()) {
            if (gain.shots().isEmpty()) {
                continue;
            }
            List<String> labels = new ArrayList<>();
            List<PointChart.Point> base = new ArrayList<>();
            List<PointChart.Point> tuned = new ArrayList<>();
            for (Gain.ShotFigure figure : gain.shots()) {
                labels.add(figure.shots() == 1 ? "1 shot" : figure.shots() + " shots");
                base.add(
                        new PointChart.Point(
                                figure.metric().value(),
                                figure.metric().standardError().orElse(0)));
                tuned.add(new PointChart.Point(gain.after().value(), 0));
            }
            String title = gain.task() + ", " + gain.after().name();
            if (board.tunedModels().size() > 1) {
                title += ", " + gain.tuned();
            }
            charts.add(
                    new PointChart(
                            title,
                            labels,
                            List.of(
                                    new PointChart.Series("base", base),
                                    new PointChart.Series("tuned, zero-shot", tuned))));
        }
        return Pages.charts(charts);
    }
}
