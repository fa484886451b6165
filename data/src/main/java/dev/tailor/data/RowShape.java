package dev.tailor.data;

import dev.tailor.text.Message;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Makes a sample of a row, for each format. Where data sets disagree about a column's name, the
/// known ones are tried in turn.
final class RowShape {
    static final String[] CONVERSATION = {"messages", "conversations", "conversation", "dialog"};
    static final String[][] COMPLETIONS = {
        {"prompt", "completion"}, {"prompt", "response"}, {"context", "continuation"}
    };
    static final String[][] ANSWERS = {
        {"question", "answer"},
        {"question", "response"},
        {"query", "answer"},
        {"query", "response"},
        {"problem", "solution"},
        {"input", "output"},
        {"prompt", "answer"}
    };
    static final String[] OUTPUT = {"output", "response"};
    static final String[] TEXT = {"text", "content"};
    static final String[] LABEL = {"label", "kto_tag"};

    private RowShape() {}

    /// @throws RejectedRow if the row cannot be a sample of the format
    static Sample read(Format format, Origin origin, RowFields row) {
        return switch (format) {
            case TEXT -> new Sample.Text(origin, row.text(TEXT));
            case AUGMENTED -> AugmentedShape.read(origin, row);
            case ALPACA -> chat(origin, alpaca(row), row);
            case SHAREGPT, MESSAGES -> chat(origin, conversation(row), row);
            case PROMPT_COMPLETION -> promptCompletion(origin, row);
            case QUESTION_ANSWER -> chat(origin, questionAnswer(row), row);
            case PREFERENCE -> PreferenceShape.read(origin, row);
            case UNPAIRED -> unpaired(origin, row);
        };
    }

    private static Sample.Chat chat(Origin origin, List<Message> messages, RowFields row) {
        List<Message> all = Conversations.withSystem(messages, row.optionalText("system"));
        return new Sample.Chat(
                origin, Conversations.checked(all), Conversations.tools(row.value("tools")));
    }

    static List<Message> conversation(RowFields row) {
        Object list = row.value(CONVERSATION);
        if (list == null) {
            throw new RejectedRow("no column 'messages' or 'conversations'");
        }
        return Conversations.messages(list, "messages");
    }

    /// Stanford Alpaca, with the `system` and `history` that LLaMA-Factory added.
    static List<Message> alpaca(RowFields row) {
        List<Message> messages = alpacaPrompt(row);
        messages.add(Conversations.say("assistant", row.text(OUTPUT)));
        return messages;
    }

    static List<Message> alpacaPrompt(RowFields row) {
        List<Message> messages = new ArrayList<>();
        if (RowFields.unwrapped(row.value("history")) instanceof List<?> history) {
            for (Object round : history) {
                if (!(round instanceof List<?> pair) || pair.size() != 2) {
                    throw new RejectedRow("'history' is not a list of [question, answer]");
                }
                messages.add(Conversations.say("user", String.valueOf(pair.get(0))));
                messages.add(Conversations.say("assistant", String.valueOf(pair.get(1))));
            }
        }
        String instruction = row.optionalText("instruction").orElse("");
        String input = row.optionalText("input").orElse("");
        if (instruction.isEmpty() && input.isEmpty()) {
            throw new RejectedRow("'instruction' is empty");
        }
        boolean both = !instruction.isEmpty() && !input.isEmpty();
        messages.add(Conversations.say("user", instruction + (both ? "\n" : "") + input));
        return messages;
    }

    private static List<Message> questionAnswer(RowFields row) {
        String[] names = pair(ANSWERS, row);
        String question = row.text(names[0]);
        Optional<String> context = row.optionalText("context");
        List<Message> messages = new ArrayList<>();
        messages.add(
                Conversations.say(
                        "user", context.map(text -> text + "\n\n" + question).orElse(question)));
        messages.add(Conversations.say("assistant", row.text(names[1])));
        return messages;
    }

    private static Sample promptCompletion(Origin origin, RowFields row) {
        String[] names = pair(COMPLETIONS, row);
        Object prompt = RowFields.unwrapped(row.value(names[0]));
        Object completion = RowFields.unwrapped(row.value(names[1]));
        if (!isConversation(prompt) && !isConversation(completion)) {
            return new Sample.PromptCompletion(origin, row.text(names[0]), row.text(names[1]));
        }
        List<Message> messages =
                new ArrayList<>(
                        Conversations.withSystem(
                                said("user", prompt, names[0]), row.optionalText("system")));
        int context = messages.size();
        List<Message> answer = said("assistant", completion, names[1]);
        messages.addAll(answer);
        Conversations.checked(answer);
        return new Sample.Chat(
                origin,
                Conversations.checked(messages),
                Conversations.tools(row.value("tools")),
                context);
    }

    private static Sample unpaired(Origin origin, RowFields row) {
        boolean desirable = label(row.value(LABEL));
        List<Message> prompt;
        List<Message> completion;
        if (row.has(CONVERSATION)) {
            List<Message> all = conversation(row);
            int last = all.size() - 1;
            if (last < 0 || !all.get(last).role().equals("assistant")) {
                throw new RejectedRow("the conversation does not end with the assistant");
            }
            prompt = all.subList(0, last);
            completion = all.subList(last, all.size());
        } else if (row.has("instruction")) {
            prompt = alpacaPrompt(row);
            completion = List.of(Conversations.say("assistant", row.text(OUTPUT)));
        } else {
            String[] names = pair(COMPLETIONS, row);
            prompt = said("user", row.value(names[0]), names[0]);
            completion = said("assistant", row.value(names[1]), names[1]);
        }
        if (prompt.isEmpty()) {
            throw new RejectedRow("there is no prompt");
        }
        return new Sample.Unpaired(
                origin,
                Conversations.withSystem(prompt, row.optionalText("system")),
                Conversations.checked(completion),
                desirable);
    }

    private static boolean label(@Nullable Object label) {
        String text = String.valueOf(label).strip().toLowerCase(Locale.ROOT);
        return switch (text) {
            case "true", "1", "1.0", "yes", "good", "desirable" -> true;
            case "false", "0", "0.0", "no", "bad", "undesirable", "-1" -> false;
            case "null" -> throw new RejectedRow("no column 'label'");
            default -> throw new RejectedRow("'label' is neither true nor false");
        };
    }

    /// Text or messages as messages; text is said by `role`.
    static List<Message> said(String role, @Nullable Object value, String column) {
        Object unwrapped = RowFields.unwrapped(value);
        if (isConversation(unwrapped)) {
            return Conversations.messages(unwrapped, column);
        }
        if (value == null) {
            throw new RejectedRow("no column '" + column + "'");
        }
        if (!(value instanceof String text)) {
            throw new RejectedRow("'" + column + "' is neither text nor messages");
        }
        if (text.isBlank()) {
            throw new RejectedRow("'" + column + "' is empty");
        }
        return List.of(Conversations.say(role, text));
    }

    /// Whether a value is a message or a list of messages.
    static boolean isConversation(@Nullable Object value) {
        Object first = value instanceof List<?> list && !list.isEmpty() ? list.getFirst() : value;
        return first instanceof java.util.Map<?, ?> map
                && (map.containsKey("role") || map.containsKey("from"));
    }

    /// The first pair of column names that the row has; the usual one if it has none.
    static String[] pair(String[][] pairs, RowFields row) {
        for (String[] names : pairs) {
            if (row.has(names[0]) && row.has(names[1])) {
                return names;
            }
        }
        return pairs[0];
    }
}
