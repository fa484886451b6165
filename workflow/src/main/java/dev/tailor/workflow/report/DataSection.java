package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;
import dev.tailor.workflow.store.StageState;
import dev.tailor.workflow.store.StageState.DataUse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What became of the data: rows read and left out, samples learnt from, cut and dropped.
final class DataSection {
    private static final int LISTED = 200;

    private DataSection() {}

    static Html render(ReportData data) {
        List<Html> rows = new ArrayList<>();
        List<Html> issues = new ArrayList<>();
        for (StageState state : data.states().values()) {
            for (DataUse use : state.data()) {
                rows.add(row(state, use));
                if (!use.issues().isEmpty()) {
                    issues.add(issues(state, use));
                }
            }
        }
        if (rows.isEmpty()) {
            return Html.NOTHING;
        }
        return Html.of(
                """
                <div class="scroll"><table class="plain"><thead><tr><th>stage</th><th>data</th>\
                <th>format</th><th>rows</th><th>left out</th></tr></thead><tbody>{}</tbody></table></div>
                {}{}
                """,
                rows,
                learnt(data),
                issues);
    }

    private static Html row(StageState state, DataUse use) {
        return Html.of(
                """
                <tr><td>{}</td><td><b>{}</b></td><td>{}<br><span class="soft">{}</span></td>\
                <td class="n">{}</td><td>{}</td></tr>
                """,
                state.id(),
                use.name(),
                use.format(),
                use.reason(),
                Figures.count(use.rows()),
                reasons(use.rejected()));
    }

    private static Html reasons(Map<String, Long> reasons) {
        if (reasons.isEmpty()) {
            return Html.of("<span class=\"soft\">none</span>");
        }
        List<Html> lines = new ArrayList<>();
        reasons.forEach((reason, count) ->
                lines.add(Html.of("<div>{} × {}</div>", Figures.count(count), reason)));
        return Html.join(lines);
    }

    /// What the training stages made of their rows.
    private static Html learnt(ReportData data) {
        List<Html> rows = new ArrayList<>();
        for (StageState state : data.states().values()) {
            Map<String, Double> metrics = state.metrics();
            if (metrics.containsKey("trained_tokens")) {
                rows.add(
                        Html.of(
                                """
                                <tr><td>{}</td><td class="n">{}</td><td class="n">{}</td>\
                                <td class="n">{}</td><td class="n">{}</td><td class="n">{}</td><td>{}</td></tr>
                                """,
                                state.id(),
                                count(metrics, "samples"),
                                count(metrics, "rows"),
                                count(metrics, "positions"),
                                count(metrics, "trained_tokens"),
                                count(metrics, "truncated"),
                                reasons(state.dropped())));
            }
        }
        return rows.isEmpty()
                ? Html.NOTHING
                : Html.of(
                        """
                        <h3>On the way to the model <span class="soft">one epoch</span></h3>
                        <div class="scroll"><table class="plain"><thead><tr><th>stage</th>\
                        <th class="n">samples</th><th class="n">packed rows</th>\
                        <th class="n">tokens read</th><th class="n">tokens learnt</th>\
                        <th class="n">cut short</th><th>dropped</th></tr></thead><tbody>{}</tbody></table></div>
                        """,
                        rows);
    }

    private static String count(Map<String, Double> metrics, String name) {
        Double value = metrics.get(name);
        return value == null ? "–" : Figures.count(Math.round(value));
    }

    private static Html issues(StageState state, DataUse use) {
        List<Html> lines =
                use.issues().stream()
                        .limit(LISTED)
                        .map(issue -> Html.of("<li>{}</li>", issue))
                        .toList();
        return Html.of(
                "<details><summary>{} · {}: rows left out or cut ({})</summary><ul"
                        + " class=\"issues\">{}</ul></details>\n",
                state.id(),
                use.name(),
                Figures.count(use.issues().size()),
                lines);
    }
}
