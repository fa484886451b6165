package dev.tailor.data;

import dev.tailor.data.Sample.Augmented;
import dev.tailor.data.Sample.Augmented.Pair;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes a sample of a text with questions and answers about it. The names of columns are those of
/// published instruction synthesisers and of the usual instruction formats.
final class AugmentedShape {
    static final String[] TEXT = {"text", "context", "content", "raw"};
    static final String[] PAIRS = {"pairs", "qa_pairs", "QA_list", "qa"};

    private static final String[] QUESTION = {"question", "instruction", "query", "prompt", "Q"};
    private static final String[] ANSWER = {"answer", "response", "output", "completion", "A"};
    private static final String[] REASONING = {"reasoning", "rationale", "cot"};
    private static final String[] SOURCE = {"source", "dataset", "task"};

    private AugmentedShape() {}

    /// Whether a row has a text and a list of pairs.
    static boolean fits(RowFields row) {
        return row.value(TEXT) instanceof String
                && RowFields.unwrapped(row.value(PAIRS)) instanceof List<?> list
                && !list.isEmpty()
                && list.getFirst() instanceof Map;
    }

    /// @throws RejectedRow if the text is missing or a pair is not one
    static Sample read(Origin origin, RowFields row) {
        String text = row.text(TEXT);
        Object column = RowFields.unwrapped(row.value(PAIRS));
        List<Pair> pairs = new ArrayList<>();
        if (column instanceof List<?> list) {
            list.forEach(each -> pairs.add(pair(each)));
        } else if (column != null) {
            throw new RejectedRow("'pairs' is not a list");
        }
        Optional<String> source = row.optionalText(SOURCE);
        return pairs.isEmpty()
                ? new Sample.Text(origin, text)
                : new Augmented(origin, text, pairs, source);
    }

    private static Pair pair(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new RejectedRow("'pairs' holds something that is not a question with its answer");
        }
        Map<String, Object> fields = new HashMap<>();
        map.forEach((key, field) -> fields.put(String.valueOf(key), field));
        RowFields pair = new RowFields(fields, new HashSet<>());
        Optional<String> reasoning = pair.optionalText(REASONING);
        String question =
                pair.text(QUESTION)
                        + pair.optionalText("input").map(input -> "\n" + input).orElse("")
                        + options(pair.value("options"))
                        + (reasoning.isPresent() ? "\nLet's think step by step." : "");
        String answer = pair.text(ANSWER);
        return new Pair(
                question,
                reasoning.map(why -> why + "\nTherefore, the answer is " + answer).orElse(answer));
    }

    private static String options(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (!(RowFields.unwrapped(value) instanceof List<?> list)) {
            throw new RejectedRow("'options' of a pair is not a list");
        }
        StringBuilder options = new StringBuilder(list.isEmpty() ? "" : "\nOptions:");
        list.forEach(option -> options.append("\n- ").append(option));
        return options.toString();
    }

    /// Whether a question is asked more than once, letters' case aside.
    static boolean asksTwice(Augmented sample) {
        Set<String> asked = new HashSet<>();
        return sample.pairs().stream()
                .anyMatch(pair -> !asked.add(pair.question().strip().toLowerCase(Locale.ROOT)));
    }
}
