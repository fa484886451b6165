package dev.tailor.eval.harness;

import dev.tailor.text.Message;

import java.util.List;

/// Turns a conversation into the text that a model was trained to read.
@FunctionalInterface
public interface ChatRenderer {
    /// The text of a conversation.
    ///
    /// @param messages of which the last is the user's, or the beginning of the assistant's answer,
    ///   after which the text ends
    String render(List<Message> messages);
}
