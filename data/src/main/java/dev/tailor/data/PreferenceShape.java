package dev.tailor.data;

import dev.tailor.text.Message;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Pairs of a chosen and a rejected answer. Five ways to write them are known: a prompt and two
/// texts; a prompt and two lists of messages; two whole conversations with a common beginning; two
/// transcripts with `Human:` and `Assistant:`; a conversation and two single messages.
final class PreferenceShape {
    private static final Pattern SPEAKER =
            Pattern.compile("(?:^|\\n\\n)(Human|Assistant): ?", Pattern.MULTILINE);
    private static final String[] PROMPT = {"prompt", "question", "query"};

    private PreferenceShape() {}

    static Sample.Preference read(Origin origin, RowFields row) {
        Object chosen = RowFields.unwrapped(row.value("chosen"));
        Object rejected = RowFields.unwrapped(row.value("rejected"));
        if (chosen == null || rejected == null) {
            throw new RejectedRow("no column '" + (chosen == null ? "chosen" : "rejected") + "'");
        }
        List<Message> good = answer(chosen, "chosen");
        List<Message> bad = answer(rejected, "rejected");
        List<Message> prompt = prompt(row);
        int common = commonPrefix(good, bad);
        if (common > 0) {
            // Whole conversations: what they share is the prompt, whatever `prompt` repeats of it.
            prompt = new ArrayList<>(good.subList(0, common));
            good = good.subList(common, good.size());
            bad = bad.subList(common, bad.size());
        }
        return checked(
                new Sample.Preference(
                        origin,
                        Conversations.withSystem(prompt, row.optionalText("system")),
                        good,
                        bad));
    }

    private static List<Message> prompt(RowFields row) {
        if (row.has(RowShape.CONVERSATION)) {
            return RowShape.conversation(row);
        }
        if (row.has("instruction")) {
            return RowShape.alpacaPrompt(row);
        }
        Object prompt = row.value(PROMPT);
        if (prompt == null) {
            return List.of();
        }
        return prompt instanceof String text && SPEAKER.matcher(text).lookingAt()
                ? transcript(text)
                : RowShape.said("user", prompt, "prompt");
    }

    private static List<Message> answer(@Nullable Object value, String column) {
        return value instanceof String text && SPEAKER.matcher(text).lookingAt()
                ? transcript(text)
                : RowShape.said("assistant", value, column);
    }

    /// The transcripts of Anthropic's data: paragraphs that begin with `Human:` or `Assistant:`.
    private static List<Message> transcript(String text) {
        List<Message> messages = new ArrayList<>();
        Matcher matcher = SPEAKER.matcher(text);
        int from = 0;
        String role = "";
        while (matcher.find()) {
            if (!role.isEmpty()) {
                messages.add(Conversations.say(role, text.substring(from, matcher.start())));
            }
            role = matcher.group(1).equals("Human") ? "user" : "assistant";
            from = matcher.end();
        }
        String last = text.substring(from);
        if (!last.isBlank()) {
            messages.add(Conversations.say(role, last));
        }
        return messages;
    }

    private static int commonPrefix(List<Message> left, List<Message> right) {
        int most = Math.min(left.size(), right.size()) - 1;
        int common = 0;
        while (common < most && left.get(common).equals(right.get(common))) {
            common++;
        }
        return common;
    }

    private static Sample.Preference checked(Sample.Preference pair) {
        if (pair.prompt().stream().noneMatch(message -> message.role().equals("user"))) {
            throw new RejectedRow("there is no prompt");
        }
        if (pair.prompt().getLast().role().equals("assistant")) {
            throw new RejectedRow("the prompt ends with the assistant");
        }
        Conversations.checked(pair.chosen());
        Conversations.checked(pair.rejected());
        if (pair.chosen().equals(pair.rejected())) {
            throw new RejectedRow("chosen and rejected are the same");
        }
        return pair;
    }
}
