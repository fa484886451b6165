package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;
import dev.tailor.workflow.store.RunRecord.StageRecord;
import dev.tailor.workflow.store.StageState;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Where each result comes from, by SHA-256, with the settings it was made with.
final class LineageSection {
    private LineageSection() {}

    static Html render(ReportData data) {
        List<Html> stages = new ArrayList<>();
        for (StageRecord stage : data.run().stages()) {
            StageState state = data.states().get(stage.id());
            if (state != null) {
                stages.add(stage(stage, state));
            }
        }
        Html recipe =
                data.recipe().isBlank()
                        ? Html.NOTHING
                        : Html.of(
                                "<details><summary>The recipe, every default written"
                                        + " out</summary><pre>{}</pre></details>",
                                data.recipe());
        return Html.of("{}{}", stages, recipe);
    }

    private static Html stage(StageRecord stage, StageState state) {
        List<Html> sources = new ArrayList<>();
        List<Html> settings = new ArrayList<>();
        for (Map.Entry<String, String> ingredient : state.ingredients().entrySet()) {
            boolean setting = ingredient.getKey().startsWith("settings.");
            Html row =
                    Html.of(
                            "<tr><th>{}</th><td><code>{}</code></td></tr>",
                            setting
                                    ? ingredient.getKey().substring("settings.".length())
                                    : ingredient.getKey().replace('.', ' '),
                            ingredient.getValue());
            (setting ? settings : sources).add(row);
        }
        List<Html> notes =
                state.notes().stream().map(note -> Html.of("<li>{}</li>", note)).toList();
        return Html.of(
                """
                <details><summary><b>{}</b> <span class="soft">{} · {} · {} · <code>{}</code></span></summary>
                {}<div class="columns"><table class="pairs">{}<tr><th>result</th><td><code>{}</code></td></tr></table>\
                <table class="pairs">{}</table></div></details>
                """,
                stage.id(),
                stage.kind(),
                Overview.words(stage.status()),
                Figures.duration(state.seconds()),
                state.digest().substring(0, Math.min(12, state.digest().length())),
                notes.isEmpty() ? Html.NOTHING : Html.of("<ul class=\"notes\">{}</ul>", notes),
                sources,
                state.digest(),
                settings);
    }
}
