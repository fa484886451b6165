package dev.tailor.train.internal.augment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailor.core.SplitMix;
import dev.tailor.data.Origin;
import dev.tailor.data.Sample.Augmented;
import dev.tailor.data.Sample.Augmented.Pair;
import dev.tailor.train.internal.augment.Layout.Mode;
import dev.tailor.train.internal.augment.Layout.Pattern;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class ChainTextTest {
    private static final Augmented FIRST = text("T1", new Pair("q1", "a1"), new Pair("q2", "a2"));
    private static final Augmented SECOND = text("T2", new Pair("q3", "a3"), new Pair("q4", "a4"));

    private static Augmented text(String text, Pair... pairs) {
        return new Augmented(new Origin(Path.of("f"), 1), text, List.of(pairs), Optional.empty());
    }

    private static String written(Mode mode, boolean inverted, String before, String beforePairs) {
        Pattern pattern = new Pattern("Q: ", "\nA: ", "\n\n");
        return new ChainText(new Layout(mode, inverted, before, beforePairs, pattern, "U", "V"))
                .of(List.of(FIRST, SECOND));
    }

    @Test
    void classic_hasEachAnswerUnderItsQuestion() {
        assertThat(written(Mode.CLASSIC, false, "Read.\n\n", ""))
                .isEqualTo(
                        "Read.\n\nT1\n\nQ: q1\nA: a1\n\nQ: q2\nA: a2\n\n"
                                + "Read.\n\nT2\n\nQ: q3\nA: a3\n\nQ: q4\nA: a4");
    }

    @Test
    void inverted_hasTheTextLast() {
        assertThat(written(Mode.CLASSIC, true, "", "On it:\n"))
                .isEqualTo(
                        "On it:\nQ: q1\nA: a1\n\nQ: q2\nA: a2\n\nT1\n\n"
                                + "On it:\nQ: q3\nA: a3\n\nQ: q4\nA: a4\n\nT2");
    }

    @Test
    void dialog_isTurnsOfTwo() {
        assertThat(written(Mode.DIALOG, false, "", ""))
                .isEqualTo("T1\n\nU: q1\nV: a1\nU: q2\nV: a2\n\nT2\n\nU: q3\nV: a3\nU: q4\nV: a4");
    }

    @Test
    void nextTurn_hasTheTextInTheFirstQuestion() {
        assertThat(written(Mode.NEXT_TURN, false, "unused", "unused"))
                .isEqualTo("U: T1\n\nq1\nV: a1\nU: q2\nV: a2\n\nU: T2\n\nq3\nV: a3\nU: q4\nV: a4");
    }

    @Test
    void numbered_hasAllQuestionsBeforeAllAnswers() {
        assertThat(written(Mode.NUMBERED, false, "", ""))
                .startsWith("T1\n\nQuestions:\n1. q1\n2. q2\n\nAnswers:\n1. a1\n2. a2\n\nT2");
    }

    @Test
    void inline_hasAPairOnALine() {
        assertThat(written(Mode.INLINE, false, "", ""))
                .startsWith("T1\n\nQ: q1 A: a1\nQ: q2 A: a2\n\nT2");
    }

    @Test
    void draw_severalQuestions_givesThePapersShares() {
        Map<Mode, Integer> counts = counts(List.of(FIRST, SECOND));

        assertThat(counts.get(Mode.CLASSIC)).isBetween(7_800, 8_200);
        for (Mode mode : List.of(Mode.DIALOG, Mode.NUMBERED, Mode.INLINE, Mode.NEXT_TURN)) {
            assertThat(counts.get(mode)).as(mode.name()).isBetween(400, 600);
        }
    }

    @Test
    void draw_aTextWithOneQuestion_isClassicOrDialog() {
        Map<Mode, Integer> counts = counts(List.of(FIRST, text("T", new Pair("q", "a"))));

        assertThat(counts).containsOnlyKeys(Mode.CLASSIC, Mode.DIALOG);
        assertThat(counts.get(Mode.CLASSIC)).isBetween(9_400, 9_600);
    }

    private static Map<Mode, Integer> counts(List<Augmented> texts) {
        Map<Mode, Integer> counts = new EnumMap<>(Mode.class);
        SplitMix random = new SplitMix(7);
        for (int i = 0; i < 10_000; i++) {
            counts.merge(Layout.draw(random, texts).mode(), 1, Integer::sum);
        }
        return counts;
    }
}
