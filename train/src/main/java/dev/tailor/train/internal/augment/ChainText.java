package dev.tailor.train.internal.augment;

import dev.tailor.data.Sample.Augmented;
import dev.tailor.data.Sample.Augmented.Pair;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Writes a chain of texts with questions and answers as one running text.
///
/// @param layout how
public record ChainText(Layout layout) {
    private static final String PARAGRAPH = "\n\n";

    /// The texts one after another, each with its questions.
    public String of(List<Augmented> texts) {
        String between =
                layout.mode() == Layout.Mode.CLASSIC
                                && layout.pattern().separator().startsWith(PARAGRAPH)
                        ? layout.pattern().separator()
                        : PARAGRAPH;
        return texts.stream().map(this::of).collect(Collectors.joining(between));
    }

    private String of(Augmented sample) {
        if (layout.mode() == Layout.Mode.NEXT_TURN) {
            Pair first = sample.pairs().getFirst();
            Pair with = new Pair(sample.text() + PARAGRAPH + first.question(), first.answer());
            return turn(with)
                    + sample.pairs().stream()
                            .skip(1)
                            .map(pair -> "\n" + turn(pair))
                            .collect(Collectors.joining());
        }
        String text = layout.beforeText() + sample.text();
        String pairs = layout.beforePairs() + pairs(sample.pairs());
        return layout.inverted() ? pairs + PARAGRAPH + text : text + PARAGRAPH + pairs;
    }

    private String pairs(List<Pair> pairs) {
        return switch (layout.mode()) {
            case CLASSIC ->
                    pairs.stream()
                            .map(this::marked)
                            .collect(Collectors.joining(layout.pattern().separator()));
            case DIALOG, NEXT_TURN ->
                    pairs.stream().map(this::turn).collect(Collectors.joining("\n"));
            case INLINE ->
                    pairs.stream()
                            .map(pair -> "Q: " + pair.question() + " A: " + pair.answer())
                            .collect(Collectors.joining("\n"));
            case NUMBERED ->
                    "Questions:\n"
                            + numbered(pairs.size(), i -> pairs.get(i).question())
                            + "\n\nAnswers:\n"
                            + numbered(pairs.size(), i -> pairs.get(i).answer());
        };
    }

    private String marked(Pair pair) {
        Layout.Pattern pattern = layout.pattern();
        return pattern.question() + pair.question() + pattern.answer() + pair.answer();
    }

    private String turn(Pair pair) {
        return "%s: %s\n%s: %s"
                .formatted(layout.asking(), pair.question(), layout.answering(), pair.answer());
    }

    private static String numbered(int count, IntFunction<String> item) {
        return IntStream.range(0, count)
                .mapToObj(i -> (i + 1) + ". " + item.apply(i))
                .collect(Collectors.joining("\n"));
    }
}
