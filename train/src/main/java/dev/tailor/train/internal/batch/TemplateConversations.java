package dev.tailor.train.internal.batch;

import dev.tailor.text.ChatTemplate;
import dev.tailor.text.EncodedText;
import dev.tailor.text.Message;
import dev.tailor.text.Rendering;
import dev.tailor.text.Span;
import dev.tailor.text.TextRange;
import dev.tailor.text.Tokenizer;
import dev.tailor.text.TrainOn;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Encodes conversations with the chat template of a model directory.
record TemplateConversations(ChatTemplate template, Tokenizer tokenizer)
        implements ConversationEncoder {
    TemplateConversations(Path model, Tokenizer tokenizer) {
        this(ChatTemplate.load(model), tokenizer);
    }

    @Override
    public Conversation encode(
            List<Message> messages, List<Object> tools, int firstTrained, TrainOn what) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("messages", messages.stream().map(Message::fields).toList());
        if (!tools.isEmpty()) {
            variables.put("tools", tools);
        }
        tokenizer.bosToken().ifPresent(token -> variables.put("bos_token", token));
        tokenizer.eosToken().ifPresent(token -> variables.put("eos_token", token));
        Rendering rendering = template.render(variables);
        List<TextRange> literal =
                rendering.data().stream()
                        .map(span -> new TextRange(span.start(), span.end()))
                        .toList();
        EncodedText encoded = tokenizer.encodeGuarded(rendering.text(), literal);
        List<Span> spans = rendering.generation();
        boolean[] trained = new boolean[encoded.length()];
        for (int i = 0; i < trained.length; i++) {
            int start = encoded.starts()[i];
            trained[i] =
                    what == TrainOn.ALL
                            || spans.stream().anyMatch(s -> s.start() <= start && start < s.end());
        }
        return new Conversation(new Sequence(encoded.ids(), trained), !template.marksGenerations());
    }
}
