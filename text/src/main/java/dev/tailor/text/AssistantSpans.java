package dev.tailor.text;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/// Finds what the assistant says in a rendered conversation.
///
/// @param render the text of the first messages, without or with a prompt for the assistant
/// @param hasSpecialToken whether a text of the template contains a special token
record AssistantSpans(
        List<Message> messages,
        Rendering whole,
        boolean marked,
        Render render,
        Predicate<String> hasSpecialToken) {
    /// Renders messages to text.
    interface Render {
        String text(List<Message> messages, boolean prompts);
    }

    /// A stretch of the text.
    ///
    /// @param message who says it
    /// @param exact whether the template itself marked it: nothing is cut from its end
    record Stretch(int start, int end, int message, boolean exact) {}

    /// The index of the assistant's last message; the number of messages where it says nothing.
    int last() {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (isAssistant(i)) {
                return i;
            }
        }
        return messages.size();
    }

    boolean isAssistant(int message) {
        return messages.get(message).role().equals("assistant");
    }

    /// What the assistant says from one message on, in order.
    List<Stretch> from(int first) {
        return marked ? marked(first) : derived(i -> i >= first);
    }

    /// What the assistant says in some of its messages, in order.
    List<Stretch> of(IntPredicate wanted) {
        return marked
                ? marked(0).stream().filter(stretch -> wanted.test(stretch.message())).toList()
                : derived(wanted);
    }

    private List<Stretch> marked(int first) {
        int boundary = first == 0 ? 0 : boundary(first);
        List<Stretch> stretches = new ArrayList<>();
        int message = first - 1;
        for (Span span : whole.generation()) {
            if (span.start() >= boundary) {
                message = speaker(span, message);
                stretches.add(new Stretch(span.start(), span.end(), message, true));
            }
        }
        return stretches;
    }

    /// Whose words the template has marked: the first assistant's whose content they hold; where
    /// they hold none, as of a call of tools, the next assistant's after message `before`.
    private int speaker(Span marked, int before) {
        for (Span span : whole.messages()) {
            boolean within = span.start() < marked.end() && span.end() > marked.start();
            if (within && isAssistant(span.message())) {
                return span.message();
            }
        }
        int next = before + 1;
        while (next < messages.size() - 1 && !isAssistant(next)) {
            next++;
        }
        return Math.min(next, messages.size() - 1);
    }

    /// Where the messages from one on begin in the text.
    private int boundary(int first) {
        String before = textOf(first, false);
        if (before != null && whole.text().startsWith(before)) {
            return before.length();
        }
        return whole.data().stream()
                .filter(span -> span.message() >= 0 && span.message() < first)
                .mapToInt(Span::end)
                .max()
                .orElse(0);
    }

    private List<Stretch> derived(IntPredicate wanted) {
        List<Stretch> stretches = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            if (isAssistant(i) && wanted.test(i)) {
                Stretch added = added(i);
                stretches.add(added != null ? added : content(i));
            }
        }
        return stretches;
    }

    /// What a message adds to the text of those before it, or null where the template is not
    /// stable.
    private @Nullable Stretch added(int message) {
        String after = message == messages.size() - 1 ? whole.text() : textOf(message + 1, false);
        String prompt = textOf(message, true);
        if (after == null || prompt == null || !whole.text().startsWith(after)) {
            return null;
        }
        String before = textOf(message, false);
        int start = start(message, before, prompt);
        return start < 0 || start > after.length()
                ? null
                : new Stretch(start, after.length(), message, false);
    }

    private int start(int message, @Nullable String before, String prompt) {
        int content = contentStart(message);
        if (whole.text().startsWith(prompt)) {
            boolean isPrompting = !prompt.equals(before);
            // A template that knows no generation prompt: a special token between the messages
            // before and the content opens the turn and is not what the assistant says.
            boolean opens =
                    !isPrompting
                            && content > prompt.length()
                            && hasSpecialToken.test(
                                    whole.text().substring(prompt.length(), content));
            return opens ? content : prompt.length();
        }
        // The prompt goes on where the text does not, say with `<think>`: up to there they agree.
        if (before == null || !whole.text().startsWith(before)) {
            return -1;
        }
        int common = before.length();
        int limit = Math.min(prompt.length(), whole.text().length());
        while (common < limit && prompt.charAt(common) == whole.text().charAt(common)) {
            common++;
        }
        return content < 0 ? common : Math.min(common, Math.max(content, before.length()));
    }

    private int contentStart(int message) {
        return whole.data().stream()
                .filter(span -> span.message() == message)
                .mapToInt(Span::start)
                .min()
                .orElse(-1);
    }

    private Stretch content(int message) {
        int start = contentStart(message);
        int end =
                whole.data().stream()
                        .filter(span -> span.message() == message)
                        .mapToInt(Span::end)
                        .max()
                        .orElse(-1);
        if (start < 0) {
            throw TailorException.of(
                            ErrorCode.TEMPLATE_INVALID,
                            "the chat template hides what message "
                                    + (message + 1)
                                    + " says: it renders it differently once others follow, and not"
                                    + " as it is")
                    .remedy(
                            "put {% generation %} and {% endgeneration %} around what the assistant"
                                    + " says in the template, learn from the last message only, or"
                                    + " from the whole text");
        }
        return new Stretch(start, end, message, false);
    }

    private @Nullable String textOf(int count, boolean prompts) {
        try {
            return render.text(messages.subList(0, count), prompts);
        } catch (TailorException refused) {
            // Some templates refuse conversations that do not begin with a user's message.
            return null;
        }
    }
}
