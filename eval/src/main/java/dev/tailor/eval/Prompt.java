package dev.tailor.eval;

import dev.tailor.text.Message;

import java.util.List;

/// What a model is asked to continue: plain text as it stands, or a conversation that goes through
/// the model's chat template and ends where the assistant's turn begins.
public sealed interface Prompt {
    /// Text that is continued as it stands.
    record Text(String text) implements Prompt {}

    /// A conversation whose next turn is the assistant's; `tools` is empty where there are none.
    record Chat(List<Message> messages, List<Object> tools) implements Prompt {
        /// A conversation without tools.
        public Chat(List<Message> messages) {
            this(messages, List.of());
        }
    }

    /// The prompt as a person reads it in a report: the text, or `role: content` lines.
    default String readable() {
        return switch (this) {
            case Text(String text) -> text;
            case Chat(List<Message> messages, List<Object> tools) -> {
                StringBuilder lines = new StringBuilder();
                for (Message message : messages) {
                    lines.append(lines.isEmpty() ? "" : "\n")
                            .append(message.role())
                            .append(": ")
                            .append(message.content());
                }
                yield lines.toString();
            }
        };
    }
}
