package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;
import dev.tailor.eval.Board;
import dev.tailor.eval.Duel;
import dev.tailor.eval.PairedComparison;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What the differences on the boards amount to: intervals, p-values, items won and lost.
final class DifferencesSection {
    private DifferencesSection() {}

    static Html render(ReportData data) {
        List<Html> tables = new ArrayList<>();
        data.boards()
                .forEach((stage, board) -> {
                    List<PairedComparison> comparisons = PairedComparison.of(board);
                    if (!comparisons.isEmpty()) {
                        tables.add(table(stage, board, comparisons));
                    }
                });
        return Html.join(tables);
    }

    private static Html table(String stage, Board board, List<PairedComparison> comparisons) {
        List<Html> rows = comparisons.stream().map(DifferencesSection::row).toList();
        return Html.of(
                """
                <h3>Differences to {} <span class="soft">{} · {} comparisons</span></h3>
                <div class="scroll"><table class="board"><thead><tr><th></th><th>figure</th>\
                <th>difference</th><th>95 % interval</th><th>p</th>\
                <th title="corrected for the number of comparisons">p (Holm)</th>\
                <th title="items that the model answers better, worse, alike">won / lost / alike</th>\
                <th title="the true difference that so many items show four times in five">detectable\
                </th></tr></thead><tbody>{}</tbody></table></div>
                """,
                board.baseModel(), stage, Figures.count(comparisons.size()), rows);
    }

    private static Html row(PairedComparison comparison) {
        boolean significant = comparison.isSignificant();
        return Html.of(
                """
                <tr><th scope="row">{}</th><td>{}</td><td{}>{}</td><td>{} to {}</td><td>{}</td>\
                <td>{}</td><td>{}</td><td>{}</td></tr>
                """,
                comparison.model(),
                comparison.column().path(),
                new Html(significant && comparison.isBetter() ? " class=\"best\"" : ""),
                signed(comparison.difference()) + (significant ? " *" : ""),
                signed(comparison.bootstrap().low()),
                signed(comparison.bootstrap().high()),
                probability(comparison.pValue()),
                probability(comparison.adjustedPValue()),
                comparison.duel().map(DifferencesSection::items).orElse("–"),
                String.format(Locale.ROOT, "%.3f", comparison.detectable()));
    }

    private static String items(Duel duel) {
        return duel.wins().size() + " / " + duel.losses().size() + " / " + duel.ties();
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%+.3f", value);
    }

    private static String probability(double p) {
        return p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
    }
}
