package dev.tailor.merge.internal.explain;

import dev.tailor.core.html.Html;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.function.ToDoubleFunction;

/// The tensors that stand out.
final class Standouts {
    private static final int SHOWN = 10;

    private Standouts() {}

    /// A tensor with its measures.
    private record Row(String name, Summary summary) {}

    /// The largest by one measure, with all the others; nothing where it is 0 everywhere.
    static Html section(
            Explanation explanation,
            ModelLabels labels,
            String title,
            ToDoubleFunction<Whole> measure) {
        List<Row> rows = new ArrayList<>();
        for (TensorEntry entry : explanation.entries()) {
            entry.summary()
                    .filter(summary -> measure.applyAsDouble(summary.whole()) > 0)
                    .ifPresent(summary -> rows.add(new Row(entry.name(), summary)));
        }
        if (rows.isEmpty()) {
            return Html.NOTHING;
        }
        SortedSet<Participant> participants = explanation.participants();
        return Html.of(
                """
                <section><h2>{}</h2>
                <div class="scroll"><table class="plain"><thead><tr><th scope="col">tensor</th>\
                <th scope="col" class="n">change %</th><th scope="col" class="n">conflicts %</th>\
                <th scope="col" class="n">cosine</th>{}</tr></thead>
                <tbody>
                {}</tbody></table></div></section>
                """,
                title,
                participants.stream()
                        .map(each ->
                                Html.of(
                                        "<th scope=\"col\" class=\"n\">{} differs %</th>",
                                        labels.of(each)))
                        .toList(),
                rows.stream()
                        .sorted(
                                Comparator.comparingDouble((Row row) ->
                                                measure.applyAsDouble(row.summary().whole()))
                                        .reversed())
                        .limit(SHOWN)
                        .map(row -> row(row, participants))
                        .toList());
    }

    private static Html row(Row row, SortedSet<Participant> participants) {
        Whole whole = row.summary().whole();
        return Html.of(
                "<tr><th scope=\"row\">{}</th>{}{}{}{}</tr>\n",
                row.name(),
                number(Figures.percent(whole.relativeChange())),
                number(Figures.percent(whole.conflictShare())),
                number(Figures.cosine(whole.cosine())),
                participants.stream()
                        .map(each ->
                                number(Figures.percent(row.summary().part(each).relativeNorm())))
                        .toList());
    }

    private static Html number(String text) {
        return Html.of("<td class=\"n\">{}</td>", text);
    }
}
