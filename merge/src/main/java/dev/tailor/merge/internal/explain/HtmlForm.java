package dev.tailor.merge.internal.explain;

import dev.tailor.core.html.Html;
import dev.tailor.core.html.HtmlPage;
import dev.tailor.merge.MergeMethod;
import dev.tailor.merge.MergePlan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An explanation for people.
final class HtmlForm {
    private final Explanation explanation;
    private final ModelLabels labels;
    private final String reference;

    private HtmlForm(Explanation explanation) {
        this.explanation = explanation;
        this.labels = ModelLabels.of(explanation);
        this.reference =
                explanation.reference().orElse(Reference.INPUT) == Reference.MEAN
                        ? "mean of the models"
                        : "base";
    }

    static String of(Explanation explanation) {
        return new HtmlForm(explanation).page().markup();
    }

    private HtmlPage page() {
        return new HtmlPage(
                method().key() + " merge, explained",
                HtmlPage.style(HtmlForm.class, "explanation.css"),
                header(),
                Html.of("{}{}", models(), measured()),
                new Html(
                        """
                        Made by Tailor. The same numbers with all their digits are in the JSON form: \
                        <code>--explain FILE.json</code>.\
                        """));
    }

    private MergeMethod method() {
        return explanation.plan().config().method();
    }

    private Html header() {
        return Html.of(
                """
                <p class="eyebrow">What a merge did</p>
                <h1>{}</h1>
                <p class="meaning">{}</p>
                <dl class="figures">{}</dl>
                """,
                method().key(),
                sentence(method().summary() + method().citation()),
                figures());
    }

    private List<Html> figures() {
        MergePlan plan = explanation.plan();
        Whole whole = explanation.total().whole();
        List<Html> figures = new ArrayList<>();
        for (TensorEntry.Action action : TensorEntry.Action.values()) {
            long count = explanation.count(action);
            if (count > 0) {
                figures.add(figure("tensors " + action.key(), Figures.count(count)));
            }
        }
        figures.add(figure("weights", Figures.millions(plan.parameters())));
        figures.add(figure("written", Figures.bytes(plan.outputBytes())));
        figures.add(figure("time", Figures.seconds(explanation.seconds())));
        figures.add(
                figure(
                        "rounded",
                        explanation.options().compat()
                                ? "at each step, to " + plan.computeType().torchName()
                                : "once"));
        if (plan.isRandom()) {
            figures.add(figure("seed", String.valueOf(explanation.options().seed())));
        }
        if (Double.isFinite(whole.relativeChange())) {
            figures.add(figure("change", Figures.percent(whole.relativeChange()) + " %"));
        }
        if (Double.isFinite(whole.conflictShare())) {
            figures.add(figure("sign conflicts", Figures.percent(whole.conflictShare()) + " %"));
        }
        return figures;
    }

    private static Html figure(String label, String value) {
        return Html.of("<div><dt>{}</dt><dd>{}</dd></div>\n", label, value);
    }

    private static String sentence(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
    }

    private Html models() {
        Summary total = explanation.total();
        boolean thinned =
                total.parts().values().stream().anyMatch(part -> Double.isFinite(part.kept()));
        List<Html> rows = new ArrayList<>();
        for (int model = 0; model < explanation.plan().models().size(); model++) {
            int number = model;
            List<Participant> roles =
                    total.parts().keySet().stream()
                            .filter(participant -> participant.model() == number)
                            .toList();
            if (roles.isEmpty()) {
                rows.add(other(model, total.parts().isEmpty() ? 0 : thinned ? 5 : 3));
            }
            roles.forEach(
                    participant -> rows.add(model(participant, total.part(participant), thinned)));
        }
        return Html.of(
                """
                <section><h2>Models</h2>
                {}<div class="scroll"><table class="plain"><thead><tr><th scope="col">model</th>{}</tr></thead>
                <tbody>
                {}</tbody></table></div></section>
                """,
                total.parts().isEmpty()
                        ? Html.NOTHING
                        : Html.of("<p class=\"meaning\">All merged tensors taken together.</p>\n"),
                total.parts().isEmpty() ? Html.NOTHING : heads(thinned),
                rows);
    }

    private Html heads(boolean thinned) {
        List<String> heads = new ArrayList<>();
        heads.add("difference to the " + reference + " %");
        heads.add("cosine to it");
        if (thinned) {
            heads.add("kept %");
            heads.add("kept of the norm %");
        }
        heads.add("cosine of difference and change");
        return Html.of(
                "{}",
                heads.stream()
                        .map(head -> Html.of("<th scope=\"col\" class=\"n\">{}</th>", head))
                        .toList());
    }

    /// A model without differences: the base, or one of which only copies were taken.
    private Html other(int model, int measures) {
        boolean isBase =
                explanation
                        .plan()
                        .config()
                        .base()
                        .equals(Optional.of(explanation.plan().models().get(model).reference()));
        return Html.of(
                "<tr><th scope=\"row\">{}{}</th>{}</tr>\n",
                explanation.name(model),
                isBase ? Html.of(" <span class=\"source\">base</span>") : Html.NOTHING,
                measures == 0 ? Html.NOTHING : Html.of("<td colspan=\"{}\"></td>", measures));
    }

    private Html model(Participant participant, Part part, boolean thinned) {
        List<Html> cells = new ArrayList<>();
        cells.add(number(Figures.percent(part.relativeNorm())));
        cells.add(number(Figures.cosine(part.cosine())));
        if (thinned) {
            cells.add(number(Figures.percent(part.kept())));
            cells.add(number(Figures.percent(part.keptNorm())));
        }
        cells.add(number(Figures.cosine(part.changeCosine())));
        return Html.of(
                "<tr><th scope=\"row\">{}</th>{}</tr>\n",
                participant.occurrence() == 0
                        ? explanation.name(participant.model())
                        : labels.of(participant),
                cells);
    }

    private static Html number(String text) {
        return Html.of("<td class=\"n\">{}</td>", text);
    }

    private List<Html> measured() {
        List<TensorGrid> grids = TensorGrid.of(explanation.entries());
        Metrics metrics = Metrics.of(explanation, labels, reference);
        List<Html> sections = new ArrayList<>();
        sections.add(
                Html.of(
                        "<div class=\"side\">{}</div>\n",
                        metrics.ofResult().stream()
                                .map(metric -> HeatMap.section(metric, grids))
                                .toList()));
        metrics.ofModels().forEach(metric -> sections.add(HeatMap.section(metric, grids)));
        sections.add(Standouts.section(explanation, labels, "Changed most", Whole::relativeChange));
        sections.add(
                Standouts.section(
                        explanation, labels, "Most sign conflicts", Whole::conflictShare));
        sections.add(Copies.section(explanation));
        return sections;
    }
}
