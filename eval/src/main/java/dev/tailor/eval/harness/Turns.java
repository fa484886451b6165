package dev.tailor.eval.harness;

import dev.tailor.text.Message;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The turns of a prompt: what a system, a user and an assistant say, each with what separates it
/// from the next where they stand as one text.
final class Turns {
    private final List<Turn> turns = new ArrayList<>();

    private record Turn(String role, String content, String delimiter) {}

    void system(String content) {
        if (!content.isEmpty()) {
            turns.add(new Turn("system", content, ""));
        }
    }

    /// An example with its answer.
    void example(PromptForm form, String question, @Nullable String prefix, String answer) {
        if (answer.isEmpty()) {
            question(form.targetDelimiter(), question, prefix);
            return;
        }
        boolean delimited = isNothing(prefix) || needsDelimiter(question, prefix);
        turns.add(new Turn("user", question, delimited ? form.targetDelimiter() : ""));
        turns.add(new Turn("assistant", delimit(prefix, answer, " "), form.shotDelimiter()));
    }

    /// The question itself, perhaps with the beginning of the answer.
    void question(String targetDelimiter, String question, @Nullable String prefix) {
        boolean delimited = !isNothing(prefix) && needsDelimiter(question, prefix);
        turns.add(new Turn("user", question, delimited ? targetDelimiter : ""));
        if (!isNothing(prefix)) {
            turns.add(new Turn("assistant", String.valueOf(prefix), ""));
        }
    }

    Turns copy() {
        Turns copy = new Turns();
        copy.turns.addAll(turns);
        return copy;
    }

    /// All turns as one text.
    String text() {
        return text(turns);
    }

    private static String text(List<Turn> turns) {
        StringBuilder text = new StringBuilder();
        turns.forEach(turn -> text.append(turn.content()).append(turn.delimiter()));
        return text.toString();
    }

    /// The turns as a conversation of many turns.
    List<Message> conversation() {
        return turns.stream().map(turn -> Message.of(turn.role(), turn.content())).toList();
    }

    /// The turns as a conversation in which the user says everything but the system's part and the
    /// beginning of the answer.
    List<Message> singleTurn() {
        List<Turn> rest = new ArrayList<>(turns);
        List<Message> messages = new ArrayList<>();
        if (rest.getFirst().role().equals("system")) {
            messages.add(Message.of("system", rest.removeFirst().content()));
        }
        Turn last = rest.getLast();
        boolean begun = last.role().equals("assistant");
        if (begun) {
            rest.removeLast();
        }
        Turn end = rest.removeLast();
        messages.add(Message.of("user", text(rest) + end.content()));
        if (begun) {
            messages.add(Message.of("assistant", last.content()));
        }
        return messages;
    }

    /// Both texts, with a delimiter between them unless there is white space already.
    static String delimit(@Nullable String first, String second, String delimiter) {
        if (isNothing(first)) {
            return second;
        }
        String before = String.valueOf(first);
        if (second.isEmpty()) {
            return before;
        }
        return needsDelimiter(before, second) ? before + delimiter + second : before + second;
    }

    private static boolean needsDelimiter(String first, @Nullable String second) {
        return second != null
                && !first.isEmpty()
                && !second.isEmpty()
                && !endsWithSpace(first)
                && !isSpace(second.charAt(0));
    }

    static boolean endsWithSpace(String text) {
        return !text.isEmpty() && isSpace(text.charAt(text.length() - 1));
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private static boolean isNothing(@Nullable String text) {
        return text == null || text.isEmpty();
    }
}
