package dev.tailor.train.internal.augment;

import dev.tailor.core.SplitMix;
import dev.tailor.data.Sample.Augmented;

import java.util.List;

/// How a chain of texts with questions and answers is laid out. The kinds of layout and their
/// shares are those of Instruction Pre-Training (arXiv 2406.14491); the words are our own.
///
/// @param inverted whether questions and answers stand before their text
/// @param beforeText what stands before each text; often nothing
/// @param beforePairs what stands before the questions of each text; often nothing
/// @param pattern how a question and its answer are marked, for [Mode#CLASSIC]
/// @param asking who asks, for dialogues
/// @param answering who answers, for dialogues
public record Layout(
        Mode mode,
        boolean inverted,
        String beforeText,
        String beforePairs,
        Pattern pattern,
        String asking,
        String answering) {
    /// Percent of the chains that have their questions before the text.
    private static final int INVERTED = 5;

    /// The text, then a question and its answer, then the next.
    public static final Layout PLAIN =
            new Layout(Mode.CLASSIC, false, "", "", Pattern.PLAIN, "User", "Assistant");

    /// Where questions and answers stand.
    public enum Mode {
        /// Each question with its answer under it.
        CLASSIC,
        /// Turns of two speakers.
        DIALOG,
        /// All questions by number, then all answers by number.
        NUMBERED,
        /// A question and its answer on one line.
        INLINE,
        /// Turns of two speakers, the text being a part of the first question.
        NEXT_TURN
    }

    /// How a question and its answer are marked.
    ///
    /// @param question stands before the question
    /// @param answer stands between question and answer
    /// @param separator stands between pairs, and between texts
    public record Pattern(String question, String answer, String separator) {
        static final Pattern PLAIN = new Pattern("Question: ", "\nAnswer: ", "\n\n");
    }

    private static final List<Pattern> PATTERNS =
            List.of(
                    Pattern.PLAIN,
                    new Pattern("Question: ", "\n\nAnswer: ", "\n\n"),
                    new Pattern("Q: ", "\nA: ", "\n\n"),
                    new Pattern("", "\n", "\n\n"),
                    new Pattern("", "\n\n", "\n\n\n"),
                    new Pattern("Task: ", "\nSolution: ", "\n\n"),
                    new Pattern("Instruction: ", "\nResponse: ", "\n\n"),
                    new Pattern("### Question\n", "\n\n### Answer\n", "\n\n"),
                    new Pattern("### Instruction\n", "\n\n### Response\n", "\n\n"),
                    new Pattern("**", "**\n", "\n\n"),
                    new Pattern("Problem: ", "\nAnswer: ", "\n\n---\n\n"),
                    new Pattern("- ", "\n  ", "\n"));

    private static final List<String> BEFORE_TEXT =
            List.of(
                    "Read this text.\n\n",
                    "Text:\n",
                    "Here is a passage.\n\n",
                    "Consider the following.\n\n",
                    "Passage: ");

    private static final List<String> BEFORE_PAIRS =
            List.of(
                    "Now some questions about it.\n\n",
                    "What the text tells us:\n\n",
                    "Questions and answers on this text:\n\n",
                    "Let us see what was understood.\n\n",
                    "Exercises:\n\n");

    private static final List<String> BEFORE_LATER_TEXT =
            List.of(
                    "The text that this is about:\n\n",
                    "Source of these answers:\n\n",
                    "All of it can be found here.\n\n");

    private static final List<List<String>> SPEAKERS =
            List.of(
                    List.of("User", "Assistant"),
                    List.of("Student", "Teacher"),
                    List.of("Reader", "Author"),
                    List.of("Interviewer", "Expert"),
                    List.of("A", "B"));

    /// Draws a layout for these texts.
    public static Layout draw(SplitMix random, List<Augmented> texts) {
        boolean several = texts.stream().allMatch(text -> text.pairs().size() > 1);
        Mode mode = several ? anyMode(random.nextInt(100)) : simpleMode(random.nextInt(100));
        boolean inverted = random.nextInt(100) < INVERTED && mode != Mode.NEXT_TURN;
        Pattern pattern = one(PATTERNS, random);
        List<String> speakers = one(SPEAKERS, random);
        return new Layout(
                mode,
                inverted,
                halfOf(inverted ? BEFORE_LATER_TEXT : BEFORE_TEXT, random),
                halfOf(BEFORE_PAIRS, random),
                pattern,
                speakers.getFirst(),
                speakers.getLast());
    }

    private static Mode simpleMode(int percent) {
        return percent < 95 ? Mode.CLASSIC : Mode.DIALOG;
    }

    /// Where every text has more than one question.
    private static Mode anyMode(int percent) {
        if (percent < 80) {
            return Mode.CLASSIC;
        }
        return List.of(Mode.DIALOG, Mode.NUMBERED, Mode.INLINE, Mode.NEXT_TURN)
                .get((percent - 80) / 5);
    }

    private static <T> T one(List<T> of, SplitMix random) {
        return of.get(random.nextInt(of.size()));
    }

    private static String halfOf(List<String> phrases, SplitMix random) {
        String phrase = one(phrases, random);
        return random.nextBoolean() ? phrase : "";
    }
}
