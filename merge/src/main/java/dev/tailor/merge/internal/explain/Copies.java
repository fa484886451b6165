package dev.tailor.merge.internal.explain;

import dev.tailor.core.html.Html;
import dev.tailor.merge.MergePlan;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where tensors come from that are copies: the layers of a stack, say.
final class Copies {
    private static final Pattern LAYER = Pattern.compile("\\.(\\d{1,5})\\.");

    private Copies() {}

    /// Tensors in a row of the output that come from layers in a row of one model.
    ///
    /// @param first the first layer of the output, or -1 for one tensor outside of layers
    private record Stretch(
            String action, int model, int first, int last, int shift, String from, String name) {
        boolean goesOn(Stretch next) {
            return first >= 0
                    && next.first >= 0
                    && next.action.equals(action)
                    && next.model == model
                    && next.shift == shift
                    && (next.first == last || next.first == last + 1);
        }

        Html row(Explanation explanation) {
            boolean layers = first >= 0;
            return Html.of(
                    "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                    layers ? range(first, last) : name,
                    action,
                    explanation.name(model),
                    layers ? range(first + shift, last + shift) : from);
        }

        private static String range(int first, int last) {
            return first == last ? "layer " + first : "layers " + first + " to " + last;
        }
    }

    /// The section; nothing where there are no copies.
    static Html section(Explanation explanation) {
        List<Stretch> stretches = new ArrayList<>();
        for (TensorEntry entry : explanation.entries()) {
            if (entry.reference() == Reference.INPUT) {
                Stretch next = stretch(entry);
                if (!stretches.isEmpty() && stretches.getLast().goesOn(next)) {
                    Stretch open = stretches.removeLast();
                    next =
                            new Stretch(
                                    open.action(),
                                    open.model(),
                                    open.first(),
                                    next.last(),
                                    open.shift(),
                                    open.from(),
                                    open.name());
                }
                stretches.add(next);
            }
        }
        if (stretches.isEmpty()) {
            return Html.NOTHING;
        }
        return Html.of(
                """
                <section><h2>Copies</h2>
                <p class="meaning">Tensors that are those of one model.</p>
                <div class="scroll"><table class="plain"><thead><tr><th scope="col">of the result</th>\
                <th scope="col"></th><th scope="col">model</th><th scope="col">there</th></tr></thead>
                <tbody>
                {}</tbody></table></div></section>
                """,
                stretches.stream().map(each -> each.row(explanation)).toList());
    }

    private static Stretch stretch(TensorEntry entry) {
        MergePlan.Input input = entry.tensor().inputs().getFirst();
        int layer = layer(entry.name());
        int from = layer(input.tensor());
        boolean layers = layer >= 0 && from >= 0;
        return new Stretch(
                entry.action().key(),
                input.model(),
                layers ? layer : -1,
                layers ? layer : -1,
                from - layer,
                input.tensor(),
                entry.name());
    }

    private static int layer(String tensor) {
        Matcher matcher = LAYER.matcher(tensor);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
    }
}
