package dev.tailor.train.internal.batch;

import dev.tailor.text.Message;
import dev.tailor.text.TrainOn;

import java.util.List;

/// Turns conversations into sequences with the model's chat template.
@FunctionalInterface
interface ConversationEncoder {
    /// Encodes a conversation; nothing before message number `firstTrained` is learnt.
    Conversation encode(List<Message> messages, List<Object> tools, int firstTrained, TrainOn what);

    /// @param withoutSpans whether the template does not say itself what the assistant wrote
    record Conversation(Sequence sequence, boolean withoutSpans) {}
}
