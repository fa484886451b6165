package dev.tailor.train.internal.batch;

import dev.tailor.text.ChatEncoder;
import dev.tailor.text.ChatTemplate;
import dev.tailor.text.EncodedChat;
import dev.tailor.text.Message;
import dev.tailor.text.Tokenizer;
import dev.tailor.text.TrainOn;

import java.nio.file.Path;
import java.util.List;

/// Encodes conversations with the chat template of a model directory.
record TemplateConversations(ChatEncoder encoder) implements ConversationEncoder {
    TemplateConversations(Path model, Tokenizer tokenizer) {
        this(new ChatEncoder(tokenizer, ChatTemplate.load(model)));
    }

    @Override
    public Conversation encode(
            List<Message> messages, List<Object> tools, int firstTrained, TrainOn what) {
        EncodedChat chat = encoder.encode(messages, tools, what, firstTrained);
        boolean withoutSpans = what != TrainOn.ALL && !encoder.template().marksGenerations();
        return new Conversation(new Sequence(chat.tokens(), chat.weights()), withoutSpans);
    }
}
