package dev.tailor.workflow.report;

import dev.tailor.core.html.Html;

import java.util.ArrayList;
import java.util.List;

/// One honest sentence for each step.
final class StepsSection {
    private StepsSection() {}

    static Html render(Steps steps) {
        List<Html> items = new ArrayList<>();
        for (Steps.Step step : steps.steps()) {
            items.add(item(step));
        }
        return items.isEmpty()
                ? Html.NOTHING
                : Html.of(
                        """
                        <ol class="steps">{}</ol>
                        <p class="note">± is one standard error of the difference on the same \
                        questions; a difference within two of them is called noise.</p>
                        """,
                        items);
    }

    private static Html item(Steps.Step step) {
        String verdict = step.verdict();
        List<String> sentences = step.comparisons().stream().map(Comparison::sentence).toList();
        String text = String.join("; ", sentences);
        return Html.of(
                """
                <li><span class="chip {}">{}</span><div><b>{}</b> <span class="soft">{}, after {}</span>\
                <br>{}.</div></li>
                """,
                switch (verdict) {
                    case "gain" -> "good";
                    case "loss" -> "bad";
                    case "mixed" -> "mixed";
                    default -> "calm";
                },
                verdict,
                step.stage().id(),
                step.stage().kind(),
                step.before(),
                text.isEmpty()
                        ? "Nothing was measured for both"
                        : Character.toUpperCase(text.charAt(0)) + text.substring(1));
    }
}
